package io.intramesh.benchmarks.macro;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What this process has used up so far. */
public record ProcessFigures(long cpuNanos, long allocatedBytes) {

    /** Reads CPU time of the whole process, and bytes allocated by the threads that are alive. */
    public static ProcessFigures read() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            allocated += Math.max(0, bytes);
        }
        return new ProcessFigures(system.getProcessCpuTime(), allocated);
    }

    public ProcessFigures minus(ProcessFigures earlier) {
        return new ProcessFigures(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes);
    }

    public ProcessFigures plus(ProcessFigures other) {
        return new ProcessFigures(cpuNanos + other.cpuNanos, allocatedBytes + other.allocatedBytes);
    }
}
