package io.concordcache.hibernate.stress;

import io.concordcache.hibernate.stress.Observation.What;
import jakarta.persistence.PersistenceException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.SharedSessionContract;
import org.hibernate.StatelessSession;
import org.hibernate.Transaction;
import org.hibernate.query.MutationQuery;
import org.hibernate.query.NativeQuery;
import org.hibernate.query.SelectionQuery;

/** One thread of an application, which reads and writes at random and notes what it sees. */
final class Application implements Runnable {
    private static final int NAMES = 3;
    private static final int MARKS = 4;
    /** Of nanoseconds: one second in three. */
    private static final int BURST_SHIFT = 30;

    private final SessionFactory factory;
    private final Notes notes;
    private final int rows;
    private final Random random;
    private final long pauseNanos;

    /** One that pauses between two steps for so long at most. */
    Application(SessionFactory factory, Notes notes, int rows, Random random, long pauseNanos) {
        this.factory = factory;
        this.notes = notes;
        this.rows = rows;
        this.random = random;
        this.pauseNanos = pauseNanos;
    }

    @Override
    public void run() {
        while (true) {
            try {
                step(random.nextInt(rows));
            } catch (PersistenceException | Attempt.Injected e) {
                // another writer was quicker, or there is no leader, or it was to fail: it was rolled back
            }
            LockSupport.parkNanos(random.nextLong(pauseNanos));
        }
    }

    private void step(long row) {
        // Writes come in bursts, so that between them the cache fills.
        boolean isBurst = (System.nanoTime() >> BURST_SHIFT) % 3 == 0;
        int which = random.nextInt(isBurst ? 1_000 : 6_000);
        if (which < 40) {
            inTransaction(factory.openSession(), (session, attempt) -> change(session, attempt, row));
        } else if (which < 52) {
            inTransaction(factory.openStatelessSession(), (session, attempt) -> change(session, attempt, row));
        } else if (which < 57) {
            inTransaction(factory.openSession(), (session, attempt) -> bulk(session, attempt, row));
        } else if (which < 59) {
            inTransaction(factory.openStatelessSession(), (session, attempt) -> bulk(session, attempt, row));
        } else if (which < 60) {
            evict(row);
        } else if (random.nextInt(12) == 0) {
            try (StatelessSession session = factory.openStatelessSession()) {
                if (random.nextInt(4) == 0) {
                    readAll(session);
                } else {
                    find(session, row);
                }
            }
        } else {
            inSession(session -> read(session, row));
        }
    }

    // Reads

    private void inSession(Consumer<Session> read) {
        if (random.nextBoolean()) {
            factory.inSession(read::accept);
        } else {
            factory.inTransaction(read::accept);
        }
    }

    private void read(Session session, long row) {
        pause(20);
        switch (random.nextInt(10)) {
            case 0 -> readAll(session);
            case 1 -> readEntities(session, row);
            case 2 -> byName(session, row);
            case 3 -> naturalId(session, row);
            case 4 -> several(session);
            case 5 -> refresh(session, row);
            case 6, 7 -> {
                Row found = find(session, row);
                if (found != null) {
                    marks(found);
                }
            }
            default -> find(session, row);
        }
    }

    private void note(long row, Row found, long from) {
        if (found == null) {
            notes.read(What.ROW, row, from, Observation.NONE, Observation.NONE);
        } else {
            notes.read(What.ROW, row, from, found.content, found.name);
        }
    }

    private Row find(Session session, long row) {
        long from = System.nanoTime();
        Row found = session.find(Row.class, row);
        note(row, found, from);
        return found;
    }

    private Row find(StatelessSession session, long row) {
        long from = System.nanoTime();
        Row found = session.get(Row.class, row);
        note(row, found, from);
        return found;
    }

    private static String text(List<String> marks) {
        return marks.isEmpty()
                ? Observation.NONE
                : String.join("+", marks.stream().sorted().toList());
    }

    private void marks(Row found) {
        marks(found, System.nanoTime());
    }

    private void marks(Row found, long from) {
        String marks = text(found.marks);
        notes.read(What.MARKS, found.id, from, marks);
    }

    private void refresh(Session session, long row) {
        Row found = find(session, row);
        if (found != null) {
            pause(4);
            long from = System.nanoTime();
            session.refresh(found);
            note(row, found, from);
            marks(found, from);
        }
    }

    private void several(Session session) {
        List<Long> ids = LongStream.range(0, rows)
                .boxed()
                .filter(id -> random.nextBoolean())
                .toList();
        long from = System.nanoTime();
        List<Row> found = session.findMultiple(Row.class, ids);
        for (int i = 0; i < ids.size(); i++) {
            note(ids.get(i), found.get(i), from);
        }
    }

    private String name(long row) {
        return "name-" + row + "-" + random.nextInt(NAMES);
    }

    @SuppressWarnings("deprecation") // the way since 7.3 is not in 6.6
    private void naturalId(Session session, long row) {
        String name = name(row);
        long from = System.nanoTime();
        Row found = session.bySimpleNaturalId(Row.class).load(name);
        notes.read(What.NAMED, row, from, name, String.valueOf(found != null));
        if (found != null) {
            note(row, found, from);
        }
    }

    private void byName(SharedSessionContract session, long row) {
        String name = name(row);
        long from = System.nanoTime();
        List<Long> found = session.createSelectionQuery("select id from Row where name = :name", Long.class)
                .setParameter("name", name)
                .setCacheable(true)
                .list();
        notes.read(What.NAMED, row, from, name, String.valueOf(found.contains(row)));
    }

    private void readAll(SharedSessionContract session) {
        String[] contents = new String[rows];
        Arrays.fill(contents, Observation.NONE);
        long from = System.nanoTime();
        for (Object[] each : all(session).list()) {
            contents[((Long) each[0]).intValue()] = (String) each[1];
        }
        notes.read(What.ALL, 0, from, contents);
    }

    private static SelectionQuery<Object[]> all(SharedSessionContract session) {
        return session.createSelectionQuery("select id, content from Row", Object[].class)
                .setCacheable(true);
    }

    private void readEntities(Session session, long first) {
        long from = System.nanoTime();
        for (Row each : entities(session, first).list()) {
            note(each.id, each, from);
        }
    }

    private static SelectionQuery<Row> entities(Session session, long first) {
        return session.createSelectionQuery("from Row where id >= :first", Row.class)
                .setParameter("first", first)
                .setCacheable(true);
    }

    // Writes

    private interface Work<S> {
        void in(S session, Attempt attempt);
    }

    /** Sometimes it fails by itself when all is changed, or a statement of it does. */
    private <S extends SharedSessionContract> void inTransaction(S opened, Work<S> work) {
        try (S session = opened) {
            Transaction transaction = session.beginTransaction();
            Attempt attempt = new Attempt(notes, random);
            transaction.registerSynchronization(attempt);
            try {
                pause(10);
                work.in(session, attempt);
                if (random.nextInt(12) == 0) {
                    throw new Attempt.Injected("after the change");
                }
                if (random.nextInt(20) == 0) {
                    violate(session);
                }
                attempt.number(session);
                transaction.commit();
            } finally {
                if (transaction.getStatus().canRollback()) {
                    transaction.rollback();
                }
            }
        }
    }

    private static void violate(SharedSessionContract session) {
        session.doReturningWork(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate("insert into stress_number select * from stress_number");
            }
        });
    }

    private String content() {
        return UUID.randomUUID().toString();
    }

    private void change(Session session, Attempt attempt, long row) {
        Row found = find(session, row);
        if (found == null) {
            found = new Row(row, content(), name(row));
            session.persist(found);
        } else if (random.nextInt(8) == 0) {
            session.remove(found);
            found = null;
        } else {
            marks(found);
            change(found);
        }
        session.flush();
        if (random.nextInt(4) == 0) {
            found = changeAgain(session, row, found);
            session.flush();
        }
        attempt(attempt, row, found, true);
        if (random.nextInt(3) == 0) {
            long other = random.nextInt(rows);
            if (other != row) {
                find(session, other);
            }
            // The results may be of what it has changed: nothing of them is noted, nor must it get to others.
            var contents = all(session).list();
            var entities = entities(session, row).list();
        }
    }

    private Row changeAgain(Session session, long row, Row found) {
        if (found == null) {
            Row again = new Row(row, content(), name(row));
            session.persist(again);
            return again;
        }
        if (random.nextBoolean()) {
            session.remove(found);
            return null;
        }
        change(found);
        return found;
    }

    private void change(Row found) {
        int what = 1 + random.nextInt(7);
        if ((what & 1) != 0) {
            found.content = content();
        }
        if ((what & 2) != 0) {
            if (found.marks.size() >= MARKS) {
                found.marks.clear();
            } else if (!found.marks.isEmpty() && random.nextBoolean()) {
                found.marks.remove(random.nextInt(found.marks.size()));
            } else {
                found.marks.add(content());
            }
        }
        if ((what & 4) != 0) {
            String other = name(found.id);
            if (other.equals(found.name)) {
                found.content = content();
            }
            found.name = other;
        }
    }

    private static void attempt(Attempt attempt, long row, Row now, boolean withMarks) {
        if (now == null) {
            attempt.changed(row, Observation.NONE, Observation.NONE, Observation.NONE);
        } else {
            attempt.changed(row, now.content, now.name, withMarks ? text(now.marks) : Observation.SAME);
        }
    }

    private void change(StatelessSession session, Attempt attempt, long row) {
        Row found = find(session, row);
        boolean withMarks = random.nextBoolean();
        if (found == null) {
            found = new Row(row, content(), name(row));
            session.insert(found);
            withMarks = true;
        } else if (random.nextInt(8) == 0) {
            session.fetch(found.marks); // else they are not deleted
            session.delete(found);
            found = null;
        } else if (withMarks) {
            long from = System.nanoTime();
            session.fetch(found.marks);
            marks(found, from);
            change(found);
            session.update(found);
        } else {
            found.content = content();
            session.update(found);
        }
        attempt(attempt, row, found, withMarks);
    }

    private void bulk(SharedSessionContract session, Attempt attempt, long first) {
        if (random.nextInt(6) == 0) {
            if (session.createMutationQuery("delete from Row where id = :id")
                            .setParameter("id", first)
                            .executeUpdate()
                    > 0) {
                attempt(attempt, first, null, true);
            }
            return;
        }
        String content = content();
        long last = first + random.nextInt(3);
        MutationQuery update = switch (random.nextInt(3)) {
            case 0 -> session.createNativeMutationQuery(NATIVE);
            case 1 ->
                ((NativeQuery<?>) session.createNativeMutationQuery(NATIVE)).addSynchronizedEntityClass(Row.class);
            default ->
                session.createMutationQuery(
                        "update versioned Row set content = :content where id between :first and :last");
        };
        update.setParameter("content", content)
                .setParameter("first", first)
                .setParameter("last", last)
                .executeUpdate();
        for (long row : withContent(session, content)) {
            attempt.changed(row, content, Observation.SAME, Observation.SAME);
        }
    }

    private static final String NATIVE =
            "update stress_row set content = :content, version = version + 1 where id between :first and :last";

    private static List<Long> withContent(SharedSessionContract session, String content) {
        List<Long> found = new ArrayList<>();
        session.doWork(connection -> {
            try (PreparedStatement look = connection.prepareStatement("select id from stress_row where content = ?")) {
                look.setString(1, content);
                try (ResultSet result = look.executeQuery()) {
                    while (result.next()) {
                        found.add(result.getLong(1));
                    }
                }
            }
        });
        return found;
    }

    private void evict(long row) {
        var cache = factory.getCache();
        switch (random.nextInt(5)) {
            case 0 -> cache.evictEntityData(Row.class, row);
            case 1 -> cache.evictCollectionData(Row.class.getName() + ".marks", row);
            case 2 -> cache.evictNaturalIdData(Row.class);
            case 3 -> cache.evictQueryRegions();
            default -> cache.evictAllRegions();
        }
    }

    /** One time of so many. */
    private void pause(int seldom) {
        if (random.nextInt(seldom) == 0) {
            try {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
