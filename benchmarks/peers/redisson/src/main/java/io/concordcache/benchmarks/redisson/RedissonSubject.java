package io.concordcache.benchmarks.redisson;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson: a client of one redis-server, which the first member starts. */
public final class RedissonSubject implements Subject {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    private @Nullable Process server;
    private @Nullable RedissonClient client;

    @Override
    public void start(Seat seat) throws IOException {
        int port = seat.ports().get(0);
        if (seat.number() == 0) {
            server = new ProcessBuilder(
                            "redis-server",
                            "--port",
                            String.valueOf(port),
                            "--bind",
                            Seat.HOST,
                            "--save",
                            "",
                            "--appendonly",
                            "no",
                            "--dir",
                            seat.directory().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(seat.directory().resolve("redis.log").toFile())
                    .start();
        }
        awaitServer(port);
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + Seat.HOST + ":" + port);
        client = Redisson.create(config);
    }

    private static void awaitServer(int port) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isListening(port)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("redis-server does not start");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Entries open(ValueType type) {
        return new Remote(Objects.requireNonNull(client, "not started").getMap(type.name()));
    }

    @Override
    public void end() {
        if (server != null) {
            server.destroy();
        }
    }

    private record Remote(RMap<String, Object> map) implements Entries {
        @Override
        public @Nullable Object get(String key) {
            return map.get(key);
        }

        @Override
        public void put(String key, Object value) {
            map.fastPut(key, value);
        }

        @Override
        public void putAll(Map<String, Object> entries) {
            map.putAll(entries);
        }
    }
}
