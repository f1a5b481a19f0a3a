package io.concordcache.tck;

import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Before the TCK, starts what its caches are to be in, by the system property {@code tck.store}: {@code alone} (nothing),
 * {@code member} (two members of three; the provider under test is the third) or {@code client} (three members; the
 * provider is their client). The provider is configured by the system properties that its users have.
 */
public final class TckCluster implements LauncherSessionListener {
    private final List<CompletableFuture<RatisStore>> running = new ArrayList<>();
    private Path parent;

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        switch (System.getProperty("tck.store", "alone")) {
            case "alone" -> {}
            case "member" -> {
                List<Member> members = members();
                start(members, members.subList(1, 3));
                System.setProperty("concord.members", text(members));
                System.setProperty("concord.member", "m1");
                System.setProperty("concord.durability", "disk");
                System.setProperty("concord.directory", parent.resolve("m1").toString());
            }
            case "client" -> {
                List<Member> members = members();
                start(members, members);
                running.forEach(CompletableFuture::join);
                System.setProperty("concord.servers", text(members));
            }
            default -> throw new IllegalArgumentException("tck.store must be alone, member or client");
        }
    }

    private void start(List<Member> members, List<Member> here) {
        try {
            parent = Files.createTempDirectory("concord-tck-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Member member : here) {
            RatisSettings settings = RatisSettings.member(
                    Durability.DISK, parent.resolve(member.id()), new ClusterSettings(member, members, false));
            CompletableFuture<RatisStore> started = new CompletableFuture<>();
            running.add(started);
            Thread starter = new Thread(() -> {
                try {
                    started.complete(RatisStore.start(settings));
                } catch (RuntimeException e) {
                    started.completeExceptionally(e);
                }
            });
            starter.setDaemon(true);
            starter.start();
        }
    }

    private static List<Member> members() {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Member> members = new ArrayList<>();
        try {
            for (int i = 1; i <= 3; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                members.add(new Member("m" + i, "127.0.0.1", socket.getLocalPort()));
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return members;
    }

    private static String text(List<Member> members) {
        return members.stream().map(Member::toString).collect(Collectors.joining(","));
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        if (parent == null) {
            return;
        }
        running.parallelStream()
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .forEach(RatisStore::close);
        try (Stream<Path> all = Files.walk(parent)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
