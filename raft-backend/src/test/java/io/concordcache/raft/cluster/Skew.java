package io.concordcache.raft.cluster;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * An agent that sets the wall clock of its JVM forward or back: whatever class outside of the JDK calls {@link
 * System#currentTimeMillis} calls {@link #currentTimeMillis} instead. The monotonic clock stays.
 */
public final class Skew implements ClassFileTransformer {
    private static final String CLOCK = "currentTimeMillis";
    private static final String HERE = Skew.class.getName().replace('.', '/');

    private static volatile long millis;

    private Skew() {}

    public static void premain(String millis, Instrumentation instrumentation) {
        set(Long.parseLong(millis));
        instrumentation.addTransformer(new Skew());
    }

    /** Sets the clock of this JVM so many milliseconds ahead of what it is, or behind. */
    public static void set(long millis) {
        Skew.millis = millis;
    }

    /**
     * Makes the jar that {@code -javaagent:JAR=ARGUMENT} needs for an agent on the class path; for this one the argument is
     * by how many milliseconds the clock is ahead.
     */
    public static Path agent(Class<?> of, Path directory) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), of.getName());
        Path jar = directory.resolve(of.getSimpleName() + ".jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    public static long currentTimeMillis() {
        return System.currentTimeMillis() + millis;
    }

    @Override
    public byte[] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] content) {
        if (loader == null || HERE.equals(name) || !new String(content, StandardCharsets.ISO_8859_1).contains(CLOCK)) {
            return null;
        }
        ClassReader reader = new ClassReader(content);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(new Calls(writer), 0);
        return writer.toByteArray();
    }

    private static final class Calls extends ClassVisitor {
        Calls(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(api, super.visitMethod(access, name, descriptor, signature, exceptions)) {
                @Override
                public void visitMethodInsn(int code, String owner, String called, String types, boolean inInterface) {
                    super.visitMethodInsn(code, owner(owner, called), called, types, inInterface);
                }

                @Override
                public void visitInvokeDynamicInsn(String called, String types, Handle by, Object... arguments) {
                    super.visitInvokeDynamicInsn(
                            called,
                            types,
                            by,
                            Arrays.stream(arguments).map(Calls::argument).toArray());
                }
            };
        }

        private static String owner(String owner, String called) {
            return owner.equals("java/lang/System") && called.equals(CLOCK) ? HERE : owner;
        }

        private static Object argument(Object argument) {
            return argument instanceof Handle of
                    ? new Handle(
                            of.getTag(),
                            owner(of.getOwner(), of.getName()),
                            of.getName(),
                            of.getDesc(),
                            of.isInterface())
                    : argument;
        }
    }
}
