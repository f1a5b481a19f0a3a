package io.concordcache.hibernate.stress;

import jakarta.persistence.PersistenceException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.Transaction;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;

/**
 * One application among several on one database and one cache: threads that read and write at random, and note what they
 * see. Arguments: the URI of the store, that of the database, the file for the notes, the number of rows. Ends with its
 * input.
 */
final class StressMain {
    private static final int THREADS = 3;

    private final SessionFactory factory;
    private final FileOutputStream notes;
    private final int rows;

    private StressMain(SessionFactory factory, FileOutputStream notes, int rows) {
        this.factory = factory;
        this.notes = notes;
        this.rows = rows;
    }

    public static void main(String[] args) throws IOException {
        SessionFactory factory = open(args[0], args[1]);
        try (FileOutputStream notes = new FileOutputStream(Path.of(args[2]).toFile(), true)) {
            StressMain main = new StressMain(factory, notes, Integer.parseInt(args[3]));
            System.out.println("up");
            for (int i = 0; i < THREADS; i++) {
                Thread thread = new Thread(main::work, "work-" + i);
                thread.setDaemon(true);
                thread.start();
            }
            while (System.in.read() >= 0) {
                // until whoever started this is done
            }
            Runtime.getRuntime().halt(0);
        }
    }

    static SessionFactory open(String store, String database) {
        return new MetadataSources(new StandardServiceRegistryBuilder()
                        .applySetting("hibernate.connection.url", database)
                        .applySetting("hibernate.connection.pool_size", "20")
                        .applySetting("hibernate.hbm2ddl.auto", "update")
                        .applySetting("hibernate.cache.use_query_cache", "true")
                        .applySetting("hibernate.cache.region.factory_class", "concord")
                        .applySetting("hibernate.cache.concord.uri", store)
                        .applySetting("hibernate.cache.concord.lock-timeout", "5s")
                        .build())
                .addAnnotatedClass(Row.class)
                .buildMetadata()
                .buildSessionFactory();
    }

    /** Each line is written at once: the process may be killed at any moment. */
    private void note(Observation.What what, long row, long version, long from) {
        try {
            notes.write(new Observation(what, row, version, from, System.nanoTime())
                    .line()
                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void work() {
        Random random = ThreadLocalRandom.current();
        while (true) {
            try {
                step(random);
            } catch (PersistenceException e) {
                // another writer was quicker, or there is no leader just now: the transaction was rolled back
            }
        }
    }

    private void step(Random random) {
        long row = random.nextInt(rows);
        switch (random.nextInt(20)) {
            case 0, 1 -> update(row, false);
            case 2 -> update(row, true);
            case 3 -> bulk(row, row + 1 + random.nextInt(2));
            case 4, 5 -> sum();
            case 6, 7, 8 -> readMarks(row);
            default -> read(row);
        }
    }

    private void read(long row) {
        long from = System.nanoTime();
        int version = factory.fromSession(session -> session.find(Row.class, row).version);
        note(Observation.What.READ, row, version, from);
    }

    private void readMarks(long row) {
        long from = System.nanoTime();
        int last = factory.fromSession(session -> {
            List<Integer> marks = session.find(Row.class, row).marks;
            return marks.isEmpty() ? -1 : marks.get(marks.size() - 1);
        });
        // Bulk statements leave the marks as they are, so they tell of a version only where none came between.
        if (last >= 0 && row < rows / 2) {
            note(Observation.What.MARKED, row, last + 1L, from);
        }
    }

    private void sum() {
        long from = System.nanoTime();
        long sum = factory.fromSession(session -> session.createQuery("select sum(version) from Row", Long.class)
                .setCacheable(true)
                .uniqueResult());
        note(Observation.What.SUM, 0, sum, from);
    }

    private void update(long row, boolean rollBack) {
        try (Session session = factory.openSession()) {
            Transaction transaction = session.beginTransaction();
            Row found = session.find(Row.class, row);
            int before = found.version;
            found.payload++;
            found.marks.clear();
            found.marks.add(before);
            session.flush();
            if (rollBack) {
                transaction.rollback();
                return;
            }
            commit(transaction, List.of(row), List.of(before + 1L));
        }
    }

    private void bulk(long first, long end) {
        if (first < rows / 2) {
            return;
        }
        try (Session session = factory.openSession()) {
            Transaction transaction = session.beginTransaction();
            session.createMutationQuery(
                            "update versioned Row set payload = payload + 1 where id >= :first and id < :end")
                    .setParameter("first", first)
                    .setParameter("end", end)
                    .executeUpdate();
            List<Long> changed = new ArrayList<>();
            List<Long> versions = new ArrayList<>();
            for (Object[] each : session.createQuery(
                            "select id, version from Row where id >= :first and id < :end", Object[].class)
                    .setParameter("first", first)
                    .setParameter("end", end)
                    .list()) {
                changed.add((Long) each[0]);
                versions.add(((Integer) each[1]).longValue());
            }
            commit(transaction, changed, versions);
        }
    }

    private void commit(Transaction transaction, List<Long> changed, List<Long> versions) {
        long from = System.nanoTime();
        for (int i = 0; i < changed.size(); i++) {
            note(Observation.What.BEGUN, changed.get(i), versions.get(i), from);
        }
        transaction.commit();
        for (int i = 0; i < changed.size(); i++) {
            note(Observation.What.WRITTEN, changed.get(i), versions.get(i), from);
        }
    }
}
