package io.concordcache.raft.ratis;

import io.concordcache.raft.store.ClusterStatus;
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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Members of one cluster in this JVM, on ports of the loopback address, with directories of their own. */
final class LocalCluster implements AutoCloseable {
    private final Path parent;
    private final UnaryOperator<RatisSettings> adapt;
    private final List<Member> members;
    private final TreeMap<String, RatisStore> running = new TreeMap<>();

    private LocalCluster(int count, UnaryOperator<RatisSettings> adapt) throws IOException {
        this.parent = Files.createTempDirectory("concord-cluster-");
        this.adapt = adapt;
        this.members = freeMembers(count, 1);
    }

    static LocalCluster start(int count) throws IOException {
        return start(count, settings -> settings);
    }

    static LocalCluster start(int count, UnaryOperator<RatisSettings> adapt) throws IOException {
        LocalCluster cluster = new LocalCluster(count, adapt);
        List<CompletableFuture<Void>> starts = cluster.members.stream()
                .map(member ->
                        CompletableFuture.runAsync(() -> cluster.startMember(member), task -> new Thread(task).start()))
                .toList();
        CompletableFuture.allOf(starts.toArray(CompletableFuture<?>[]::new)).join();
        return cluster;
    }

    static List<Member> freeMembers(int count, int firstId) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Member> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            found.add(new Member("m" + (firstId + i), "127.0.0.1", socket.getLocalPort()));
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return found;
    }

    List<Member> members() {
        return members;
    }

    Path directory(String id) {
        return parent.resolve(id);
    }

    RatisSettings settings(Member member, boolean joining) {
        List<Member> list =
                joining ? Stream.concat(members.stream(), Stream.of(member)).toList() : members;
        return adapt.apply(RatisSettings.member(
                Durability.DISK, directory(member.id()), new ClusterSettings(member, list, joining)));
    }

    RatisStore startMember(Member member) {
        RatisStore store = RatisStore.start(settings(member, false));
        synchronized (this) {
            running.put(member.id(), store);
        }
        return store;
    }

    synchronized RatisStore store(String id) {
        return running.get(id);
    }

    synchronized void stop(String id) {
        running.remove(id).close();
    }

    String leader() {
        while (true) {
            for (RatisStore store : List.copyOf(running.values())) {
                ClusterStatus status = store.admin().status();
                if (status.leader() != null && running.containsKey(status.leader())) {
                    return status.leader();
                }
            }
            Thread.onSpinWait();
        }
    }

    RatisStore follower() {
        String leader = leader();
        return running.entrySet().stream()
                .filter(member -> !member.getKey().equals(leader))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Override
    public void close() {
        List.copyOf(running.values()).parallelStream().forEach(RatisStore::close);
        try (Stream<Path> all = Files.walk(parent)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
