package io.concordcache.hibernate.stress;

import io.concordcache.hibernate.stress.Observation.What;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.hibernate.SharedSessionContract;

/**
 * A transaction that changes rows, and what it makes of them; it notes that before its commit, and after the commit that it
 * was committed. Both ends of the commit are points where the process may be late, fail or die.
 */
final class Attempt implements Synchronization {
    /** Where the process is to die when a transaction comes there. */
    enum Point {
        /** Its soft locks are held, it is not committed. */
        LOCKED,
        /** It is committed, its soft locks are held. */
        COMMITTED
    }

    /** An exception of the application. */
    static final class Injected extends RuntimeException {
        private static final long serialVersionUID = 1;

        Injected(String message) {
            super(message);
        }
    }

    static final AtomicReference<Point> DEATH = new AtomicReference<>();

    private static final int LATEST_MILLIS = 40;

    private final Notes notes;
    private final Random random;
    private final String name = UUID.randomUUID().toString();
    private final Map<Long, String[]> states = new TreeMap<>();

    Attempt(Notes notes, Random random) {
        this.notes = notes;
        this.random = random;
    }

    /** The row was changed by a statement that has been executed. */
    void changed(long row, String content, String rowName, String marks) {
        states.put(row, new String[] {content, rowName, marks});
    }

    /** To be called when all is changed; the numbers stay locked until the transaction ends. */
    void number(SharedSessionContract session) {
        Map<Long, Long> numbers = new TreeMap<>();
        session.doWork(connection -> {
            for (long row : states.keySet()) {
                try (PreparedStatement take = connection.prepareStatement(
                                "update stress_number set number = number + 1 where id = ?");
                        PreparedStatement look =
                                connection.prepareStatement("select number from stress_number where id = ?")) {
                    take.setLong(1, row);
                    take.executeUpdate();
                    look.setLong(1, row);
                    numbers.put(row, number(look));
                }
            }
        });
        long now = System.nanoTime();
        states.forEach((row, state) -> notes.write(new Observation(
                What.BEGUN, row, now, now, name, numbers.get(row).toString(), state[0], state[1], state[2])));
    }

    private static long number(PreparedStatement look) throws SQLException {
        try (ResultSet result = look.executeQuery()) {
            result.next();
            return result.getLong(1);
        }
    }

    private void pass(Point point) {
        if (DEATH.get() == point) {
            Runtime.getRuntime().halt(1);
        }
        if (random.nextInt(4) == 0) {
            try {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(LATEST_MILLIS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void beforeCompletion() {
        pass(Point.LOCKED);
        if (random.nextInt(50) == 0) {
            throw new Injected("before the commit");
        }
    }

    @Override
    public void afterCompletion(int status) {
        if (status == Status.STATUS_COMMITTED && !states.isEmpty()) {
            long now = System.nanoTime();
            notes.write(new Observation(What.COMMITTED, 0, now, now, name));
            pass(Point.COMMITTED);
        }
    }
}
