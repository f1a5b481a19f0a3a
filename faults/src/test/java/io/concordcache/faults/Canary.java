package io.concordcache.faults;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * A guard that an agent takes out of the product, to see that the checks miss it: methods of it return at once, true, null,
 * the largest number or nothing.
 */
public enum Canary {
    NONE(Map.of(), List.of()),
    /** Linearizable reads are served from the replica, whether there is a lease or not. */
    PLAIN_READS(
            Map.of(
                    "io/concordcache/raft/lease/ReadLeases",
                    List.of("mayRead", "mayReadAll", "isSettled", "areSettled")),
            List.of(Fault.Kind.CUT_FOLLOWER, Fault.Kind.CUT_IN, Fault.Kind.STOP_FOLLOWER, Fault.Kind.CUT_LEADER)),
    /** What was done already is done again when it is sent again. */
    NO_DEDUP(
            Map.of("io/concordcache/raft/core/Session", List.of("recall")),
            List.of(
                    Fault.Kind.STOP_LEADER,
                    Fault.Kind.CUT_OUT,
                    Fault.Kind.CUT_LEADER,
                    Fault.Kind.LOSS,
                    Fault.Kind.KILL_LEADER)),
    /** Changes do not end the copies that clients hold. */
    SKIP_INVALIDATION(
            Map.of("io/concordcache/raft/near/NearCopies", List.of("changed")),
            List.of(Fault.Kind.CUT_CLIENT, Fault.Kind.TRANSFER)),
    /** A write is acknowledged before those who hold leases have it. */
    NO_LEASE_WAIT(
            Map.of("io/concordcache/raft/ratis/Followers", List.of("matching")),
            List.of(Fault.Kind.CUT_FOLLOWER, Fault.Kind.CUT_IN, Fault.Kind.STOP_FOLLOWER, Fault.Kind.SLOW));

    private final Map<String, List<String>> guards;
    private final List<Fault.Kind> faults;

    Canary(Map<String, List<String>> guards, List<Fault.Kind> faults) {
        this.guards = guards;
        this.faults = faults;
    }

    /** Classes, and which of their methods return at once. */
    Map<String, List<String>> guards() {
        return guards;
    }

    /** Faults that bring it to light. */
    List<Fault.Kind> faults() {
        return faults;
    }

    static Canary parse(String text) {
        return Arrays.stream(values())
                .filter(each -> Text.lower(each).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no canary " + text + "; there are "
                        + Arrays.stream(values()).map(Text::lower).collect(Collectors.joining(", "))));
    }

    /** The agent. */
    public static final class Agent implements ClassFileTransformer {
        private final Map<String, List<String>> guards;

        private Agent(Map<String, List<String>> guards) {
            this.guards = guards;
        }

        public static void premain(String canary, Instrumentation instrumentation) {
            instrumentation.addTransformer(new Agent(Canary.valueOf(canary.toUpperCase(Locale.ROOT)).guards));
        }

        @Override
        public byte[] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] content) {
            return guards.containsKey(name) ? without(guards.get(name), content) : null;
        }
    }

    /** The class without these methods. */
    static byte[] without(List<String> methods, byte[] content) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        Map<String, Integer> seen = new HashMap<>();
        new ClassReader(content)
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String types, String signature, String[] exceptions) {
                                MethodVisitor method = super.visitMethod(access, name, types, signature, exceptions);
                                if (!methods.contains(name)) {
                                    return method;
                                }
                                seen.merge(name, 1, Integer::sum);
                                returnAtOnce(method, Type.getReturnType(types));
                                return null;
                            }
                        },
                        0);
        if (seen.size() < methods.size()) {
            throw new IllegalStateException("of " + methods + " there are only " + seen.keySet());
        }
        return writer.toByteArray();
    }

    private static void returnAtOnce(MethodVisitor method, Type type) {
        method.visitCode();
        switch (type.getSort()) {
            case Type.VOID -> {}
            case Type.BOOLEAN -> method.visitInsn(Opcodes.ICONST_1);
            case Type.LONG -> method.visitLdcInsn(Long.MAX_VALUE);
            default -> method.visitInsn(Opcodes.ACONST_NULL);
        }
        method.visitInsn(type.getOpcode(Opcodes.IRETURN));
        method.visitMaxs(0, 0);
        method.visitEnd();
    }
}
