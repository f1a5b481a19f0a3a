package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Small histories of one key: some as they may happen, some spoiled, some of nothing but chance. */
final class RandomHistory {
    /** Half of the clock bound of {@link #rules}: two clocks may differ both ways. */
    private static final int DRIFT = 1;

    enum Origin {
        HAPPENED,
        SPOILED,
        CHANCE
    }

    private final Random random;
    private final boolean register;
    private final boolean versions;
    private final boolean evicts;
    final Origin origin;
    private int lifetimes;
    private int values;

    RandomHistory(long seed) {
        random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
        register = random.nextInt(4) == 0;
        versions = random.nextBoolean();
        evicts = random.nextInt(8) == 0;
        origin = Origin.values()[random.nextInt(3)];
    }

    Rules rules() {
        return new Rules(2 * DRIFT, evicts, 0, 100_000);
    }

    List<Op> ops() {
        List<Op> ops = new ArrayList<>();
        for (int i = random.nextInt(5) + 2; i > 0; i--) {
            ops.add(op(ops.size()));
        }
        if (origin == Origin.CHANCE) {
            ops.replaceAll(this::anything);
            return ops;
        }
        happen(ops);
        if (origin == Origin.SPOILED) {
            int which = random.nextInt(ops.size());
            switch (random.nextInt(4)) {
                case 0 -> {
                    Op op = ops.get(which);
                    ops.set(which, anything(op.ended(op.began() + 5, Op.Outcome.OK)));
                }
                case 1 -> ops.remove(which);
                case 2 -> {
                    Op op = ops.get(which);
                    int by = random.nextInt(21) - 10;
                    long ended = op.ended() == Op.NEVER ? Op.NEVER : op.ended() + by;
                    ops.set(which, op.between(op.began() + by, ended, op.outcome()));
                }
                default -> {
                    Op other = ops.get(random.nextInt(ops.size()));
                    if (other.found() != null) {
                        ops.set(which, ops.get(which).with("found", other.found()));
                    }
                }
            }
        }
        return ops;
    }

    private String value() {
        return register ? "v" + values++ : "v" + random.nextInt(3);
    }

    private Op op(int number) {
        Op.Kind[] kinds = Op.Kind.values();
        Op.Kind kind = register
                ? random.nextBoolean() ? Op.Kind.GET : Op.Kind.PUT
                : kinds[random.nextInt(3) == 0 ? 0 : random.nextInt(kinds.length)];
        long began = random.nextInt(14);
        Op op = Op.begun("s" + number, kind, "k", began).ended(began + random.nextInt(8), Op.Outcome.OK);
        switch (kind) {
            case PUT, PUT_IF_ABSENT -> op = op.with("value", value());
            case REPLACE -> op = op.with("value", valueOrNothing()).with("expected", value());
            case CAS -> op = op.with("value", valueOrNothing()).with("expected", 100 + random.nextInt(6));
            default -> {}
        }
        boolean storesOrTouches = !op.value().isEmpty() || kind == Op.Kind.TOUCH;
        if (!register && storesOrTouches && lifetimes < 2 && random.nextInt(3) == 0) {
            lifetimes++;
            op = op.with("ttl", 1 + random.nextInt(8));
        }
        return op;
    }

    private String valueOrNothing() {
        return random.nextInt(4) == 0 ? "" : value();
    }

    /** The operation with an outcome that nobody has computed. */
    private Op anything(Op op) {
        Op any = op;
        switch (op.kind()) {
            case GET -> any = op.with("found", random.nextInt(4) == 0 ? "" : "v" + random.nextInt(3));
            case PUT, CLEAR -> {}
            default -> any = op.ended(op.ended(), random.nextBoolean() ? Op.Outcome.OK : Op.Outcome.FAILED);
        }
        boolean unknown = !op.isRead() && random.nextInt(6) == 0;
        return unknown ? any.ended(Op.NEVER, Op.Outcome.UNKNOWN) : any;
    }

    /** Each happens at some time between its begin and its end, by the clock of then. */
    private void happen(List<Op> ops) {
        record At(int number, long time) {}
        List<At> order = new ArrayList<>();
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            order.add(new At(i, op.began() + random.nextInt((int) (op.ended() - op.began()) + 1)));
        }
        order.sort(Comparator.comparing(At::time));
        BruteForce.Cell cell = new BruteForce.Cell();
        long clock = Long.MIN_VALUE;
        long deadline = Op.NEVER;
        for (At at : order) {
            Op op = ops.get(at.number);
            clock = Math.max(clock, at.time + random.nextInt(2 * DRIFT + 1) - DRIFT);
            if (clock >= deadline || (evicts && random.nextInt(3) == 0)) {
                cell = new BruteForce.Cell();
                deadline = Op.NEVER;
            }
            boolean unknown = !op.isRead() && random.nextInt(6) == 0;
            if (unknown && random.nextBoolean()) {
                ops.set(at.number, op.ended(Op.NEVER, Op.Outcome.UNKNOWN));
                continue;
            }
            boolean does = cell.does(op);
            Op done = op.ended(op.ended(), does ? Op.Outcome.OK : Op.Outcome.FAILED);
            if (op.isRead() || (!register && random.nextInt(3) == 0)) {
                done = done.with("found", cell.value);
            }
            if (op.isRead() && versions) {
                done = done.with("version", cell.version);
            }
            if (does && done.stores() && op.kind() != Op.Kind.GET) {
                done = done.with("version", 100 + order.indexOf(at));
            }
            if (does) {
                cell.perform(done);
                deadline = done.isRead() ? deadline : done.ttl() > 0 ? clock + done.ttl() : Op.NEVER;
                cell.livesBy = null;
            }
            ops.set(at.number, unknown ? op.ended(Op.NEVER, Op.Outcome.UNKNOWN).with("version", done.version()) : done);
        }
    }
}
