package io.intramesh.internal.balance;

/*
 * 64-bit hashes that are the same in every process and version: FNV-1a over the characters [1], which is one multiplication
 * each and keeps texts apart, and over it the finalizer of SplitMix64 [2], since FNV leaves its high bits poorly mixed for short
 * texts, and all bits count here. Not for secrets, nor against callers who choose keys to meet at one endpoint; the bound on
 * its load is there for these.
 *
 * [1] G. Fowler, L. C. Noll, K.-P. Vo, The FNV Non-Cryptographic Hash Algorithm, IETF draft-eastlake-fnv.
 * [2] G. L. Steele, D. Lea, C. H. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
 */
final class Hash {
    private static final long FNV_OFFSET = 0xCBF2_9CE4_8422_2325L;
    private static final long FNV_PRIME = 0x0000_0100_0000_01B3L;
    private static final double UNIT = 0x1.0p-53;

    private Hash() {}

    /** Returns the hash of the characters from {@code start} to before {@code end}. */
    static long of(String text, int start, int end) {
        long hash = FNV_OFFSET;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mixed(hash);
    }

    /** Returns a number that changes in half of its bits wherever the argument changes in one. */
    static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Returns the high bits as a number from 0 to below 1. */
    static double unit(long hash) {
        return (hash >>> 11) * UNIT;
    }
}
