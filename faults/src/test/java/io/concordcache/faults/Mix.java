package io.concordcache.faults;

import java.util.Random;

/** What one caller asks for, one after the other without end, as it follows from a seed. */
final class Mix {
    /** Keys that are judged together: those of one group in one generation lie in one cache. */
    enum Group {
        /** Everything on single keys but time to live. */
        SINGLE(16),
        /** Entries that expire. */
        TTL(8),
        /** Several keys at once. */
        MANY(4),
        /** What readers keep copies of. */
        NEAR(8),
        /** By the JCache API. */
        JCACHE(8);

        private final int slots;

        Group(int slots) {
            this.slots = slots;
        }

        int slots() {
            return slots;
        }

        /** What names of keys begin with. */
        String letter() {
            return name().substring(0, 1).toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** What is asked for, and how often among the others. */
    enum Action {
        GET(Group.SINGLE, 60),
        GET_SESSION(Group.SINGLE, 15),
        GET_EVENTUAL(Group.SINGLE, 10),
        PUT(Group.SINGLE, 12),
        PUT_IF_ABSENT(Group.SINGLE, 5),
        GET_AND_PUT(Group.SINGLE, 5),
        REMOVE(Group.SINGLE, 3),
        /** Reads a number and writes the next, if nobody else has. */
        INCREMENT(Group.SINGLE, 7),
        TTL_GET(Group.TTL, 16),
        TTL_PUT(Group.TTL, 4),
        TTL_TOUCH(Group.TTL, 1),
        GET_ALL(Group.MANY, 6),
        PUT_ALL(Group.MANY, 2),
        /** Only in some generations: who cannot say where in the log a clear stands can check less. */
        CLEAR(Group.MANY, 1),
        NEAR_GET(Group.NEAR, 25),
        NEAR_PUT(Group.NEAR, 3),
        JCACHE_GET(Group.JCACHE, 25),
        JCACHE_PUT(Group.JCACHE, 3),
        JCACHE_REMOVE(Group.JCACHE, 1),
        JCACHE_REPLACE(Group.JCACHE, 2),
        /** An entry processor that puts a value in place of another. */
        JCACHE_INVOKE(Group.JCACHE, 4);

        private final Group group;
        private final int weight;

        Action(Group group, int weight) {
            this.group = group;
            this.weight = weight;
        }

        Group group() {
            return group;
        }

        int weight() {
            return weight;
        }
    }

    /**
     * One step.
     *
     * @param slot which key of the group
     * @param ttlMillis the time to live of what has one
     */
    record Step(Action action, int slot, long ttlMillis) {}

    private static final Action[] ACTIONS = Action.values();
    private static final long SHORTEST_TTL_MILLIS = 200;
    private static final long LONGEST_TTL_MILLIS = 2_000;

    private final Random random;
    private final int weights;

    Mix(long seed) {
        random = new Random(seed);
        int sum = 0;
        for (Action action : ACTIONS) {
            sum += action.weight;
        }
        weights = sum;
    }

    Step next() {
        int drawn = random.nextInt(weights);
        int i = 0;
        while (drawn >= ACTIONS[i].weight) {
            drawn -= ACTIONS[i].weight;
            i++;
        }
        return new Step(
                ACTIONS[i],
                random.nextInt(ACTIONS[i].group.slots),
                random.nextLong(SHORTEST_TTL_MILLIS, LONGEST_TTL_MILLIS));
    }
}
