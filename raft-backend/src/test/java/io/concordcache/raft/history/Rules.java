package io.concordcache.raft.history;

/**
 * What a history may do besides what callers asked for.
 *
 * @param clockBound how far the deadline of an entry may lie before or after the time that its caller would give it
 * @param evicts whether entries may vanish at any time
 * @param copyAge for how long a copy may have been overwritten when it is served
 * @param budget how many configurations are looked at for one key before it is given up
 */
public record Rules(long clockBound, boolean evicts, long copyAge, int budget) {
    public static final Rules STRICT = new Rules(0, false, 0, 1_000_000);
}
