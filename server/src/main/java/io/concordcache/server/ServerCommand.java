package io.concordcache.server;

import io.concordcache.admin.AdminServer;
import io.concordcache.admin.AdminSettings;
import io.concordcache.raft.management.StoreBean;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Security;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A member in a process of its own. */
@Command(
        name = "server",
        description = {
            "Runs a member until it is told to end (SIGTERM, SIGINT).",
            "Each option can also be given by an environment variable, as CONCORD_MEMBERS for --members."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  concord server",
            "  concord server --admin 127.0.0.1:7900",
            "  concord server --members a:7800,b:7800,c:7800 --member a:7800 --directory /var/lib/concord"
        })
final class ServerCommand implements Callable<Integer> {
    @Option(
            names = "--members",
            split = ",",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:CONCORD_MEMBERS}",
            description = "all members with which the cluster starts, or ID=HOST:PORT; without them one alone")
    private @Nullable List<Member> members;

    @Option(
            names = "--member",
            paramLabel = "ID",
            defaultValue = "${env:CONCORD_MEMBER}",
            description = "which of them this is: its id or HOST:PORT")
    private @Nullable String member;

    @Option(
            names = "--directory",
            defaultValue = "${env:CONCORD_DIRECTORY}",
            description = "where log and snapshots are kept")
    private @Nullable Path directory;

    @Option(
            names = "--durability",
            defaultValue = "${env:CONCORD_DURABILITY}",
            description = "memory (alone only), disk or fsync; disk if there is a directory")
    private @Nullable Durability durability;

    @Option(
            names = "--cluster-name",
            defaultValue = "${env:CONCORD_CLUSTER_NAME:-concord}",
            description = "name of the cluster (${DEFAULT-VALUE})")
    private String clusterName;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:CONCORD_LISTEN}",
            description = "where to listen; the address of the member if not given, 127.0.0.1:7800 alone")
    private @Nullable Member listen;

    @Option(
            names = "--join",
            defaultValue = "${env:CONCORD_JOIN:-false}",
            description = "wait, with an empty directory, to be added to a cluster that exists")
    private boolean join;

    @Option(
            names = "--operation-timeout",
            defaultValue = "${env:CONCORD_OPERATION_TIMEOUT:-5s}",
            description = "how long a call may take (${DEFAULT-VALUE})")
    private Duration operationTimeout;

    @Option(
            names = "--read-lease",
            defaultValue = "${env:CONCORD_READ_LEASE:-1s}",
            description = "how long this member may answer reads by itself before it asks again; 0s for not at all"
                    + " (${DEFAULT-VALUE})")
    private Duration readLease;

    @Option(
            names = "--link-compression",
            paramLabel = "HOW",
            defaultValue = "${env:CONCORD_LINK_COMPRESSION:-off}",
            description = "how to compress what is sent to other members: off, lz4 or zstd, whose library goes into"
                    + " the directory lib (${DEFAULT-VALUE})")
    private Compression linkCompression;

    @Mixin
    private TlsOptions tls = new TlsOptions();

    private enum ClientCertificate {
        REQUIRED,
        OPTIONAL
    }

    private enum Plaintext {
        LOOPBACK,
        ALLOWED
    }

    @Option(
            names = "--tls-client-certificate",
            paramLabel = "WHEN",
            defaultValue = "${env:CONCORD_TLS_CLIENT_CERTIFICATE:-required}",
            description = "whether clients must show a certificate: required or optional (${DEFAULT-VALUE})")
    private ClientCertificate clientCertificate;

    @Option(
            names = "--plaintext",
            paramLabel = "WHERE",
            defaultValue = "${env:CONCORD_PLAINTEXT:-loopback}",
            description = "where to listen without TLS: on a loopback address alone, or 'allowed' anywhere"
                    + " (${DEFAULT-VALUE})")
    private Plaintext plaintext;

    @Option(
            names = "--access-file",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_ACCESS_FILE}",
            description = "which clients, and callers of the admin port, may do what; without it all may do everything"
                    + " (CONCORD_ACCESS_FILE)")
    private @Nullable Path accessFile;

    @Option(
            names = "--limit-connections",
            defaultValue = "${env:CONCORD_LIMITS_CONNECTIONS:-10000}",
            description = "connections that others may have (${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--limit-connections-per-address",
            defaultValue = "${env:CONCORD_LIMITS_CONNECTIONS_PER_ADDRESS:-1000}",
            description = "of them from one address (${DEFAULT-VALUE})")
    private int connectionsPerAddress;

    @Option(
            names = "--limit-caches",
            defaultValue = "${env:CONCORD_LIMITS_CACHES:-10000}",
            description = "caches that there may be (${DEFAULT-VALUE})")
    private int caches;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:CONCORD_ADMIN}",
            description = "where to serve the console, the HTTP API, health and metrics; not at all if not given. Off"
                    + " loopback it needs --tls and --access-file")
    private @Nullable Member admin;

    @Option(
            names = "--admin-client-certificate",
            paramLabel = "WHEN",
            defaultValue = "${env:CONCORD_ADMIN_CLIENT_CERTIFICATE:-optional}",
            description = "whether callers of the admin port must show a certificate, health probes too: required or"
                    + " optional (${DEFAULT-VALUE})")
    private ClientCertificate adminClientCertificate;

    @Override
    public Integer call() throws InterruptedException {
        AdminSettings adminSettings = adminSettings();
        letTracingConfigureItself();
        Member self = self();
        List<Member> all = members == null ? List.of(self) : members;
        Durability kept = durability != null ? durability : directory == null ? Durability.MEMORY : Durability.DISK;
        RatisSettings defaults = RatisSettings.memory();
        RatisSettings settings = new RatisSettings(
                clusterName,
                kept,
                directory,
                listen == null ? null : InetSocketAddress.createUnresolved(listen.host(), listen.port()),
                new ClusterSettings(self, all, join),
                readLease,
                linkCompression,
                new Security(
                        tls.settings(clientCertificate == ClientCertificate.REQUIRED),
                        plaintext == Plaintext.ALLOWED,
                        accessFile,
                        new Security.Limits(connections, connectionsPerAddress, caches)),
                operationTimeout,
                defaults.snapshotEntries(),
                defaults.snapshotBytes(),
                defaults.snapshotInterval(),
                defaults.maxKeyBytes(),
                defaults.maxValueBytes(),
                defaults.maxLogEntryBytes());
        RatisStore store = RatisStore.start(settings);
        AdminServer adminServer;
        try {
            adminServer = adminSettings == null ? null : AdminServer.start(store, adminSettings);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        StoreBean.Registration bean = StoreBean.register(store);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (adminServer != null) {
                                adminServer.close();
                            }
                            bean.close();
                            store.close();
                            ended.countDown();
                        },
                        "concord-end"));
        ClusterStatus status = store.admin().status();
        System.out.println(
                join
                        ? self + " waits to be added to cluster '" + clusterName + "': concord members add " + self
                        : "serving cluster '" + clusterName + "' as " + self + ": "
                                + status.members().size() + " member"
                                + (status.members().size() == 1 ? "" : "s") + ", leader " + status.leader());
        if (adminServer != null) {
            System.out.println("administered at " + adminServer.url());
        }
        ended.await();
        return 0;
    }

    /** If the SDK of OpenTelemetry lies on the class path, it is there to be used, unless the user says otherwise. */
    private static void letTracingConfigureItself() {
        if (System.getenv("OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED") == null) {
            System.getProperties().putIfAbsent("otel.java.global-autoconfigure.enabled", "true");
        }
    }

    private @Nullable AdminSettings adminSettings() {
        if (admin == null) {
            return null;
        }
        return AdminSettings.of(
                new InetSocketAddress(admin.host(), admin.port()),
                tls.settings(adminClientCertificate == ClientCertificate.REQUIRED),
                accessFile);
    }

    private Member self() {
        if (members == null) {
            return listen == null ? Member.parse("127.0.0.1:7800") : listen;
        }
        List<Member> found = members.stream()
                .filter(each -> each.id().equals(member) || each.address().equals(member))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    member == null
                            ? "say by --member which of " + members + " this is"
                            : "--member is '" + member + "', but the members are " + members);
        }
        return found.get(0);
    }
}
