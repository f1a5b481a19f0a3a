package io.concordcache.server;

import io.concordcache.raft.access.Token;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which cluster a command is for, and how its answer is printed. */
final class Target {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:CONCORD_SERVERS:-127.0.0.1:7800}",
            description = "members to ask (${DEFAULT-VALUE}; environment CONCORD_SERVERS)")
    private List<Member> servers;

    @Option(
            names = "--cluster-name",
            defaultValue = "${env:CONCORD_CLUSTER_NAME:-concord}",
            description = "name of the cluster (${DEFAULT-VALUE}; environment CONCORD_CLUSTER_NAME)")
    private String clusterName;

    @Option(names = "--timeout", defaultValue = "5s", description = "how long to wait (${DEFAULT-VALUE})")
    private Duration timeout;

    @Option(names = "--output", defaultValue = "table", description = "table or json (${DEFAULT-VALUE})")
    private Output.Format format;

    @Mixin
    private TlsOptions tls = new TlsOptions();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TOKEN_FILE}",
            description = "whose first line is the token to show to the members (CONCORD_TOKEN_FILE; the token itself"
                    + " only as CONCORD_TOKEN_VALUE); needs --tls")
    private @Nullable Path tokenFile;

    private @Nullable Secret token() {
        String text = System.getenv("CONCORD_TOKEN_VALUE");
        if (tokenFile != null) {
            return Token.read(tokenFile);
        }
        return text == null ? null : Token.check(new Secret(text), "CONCORD_TOKEN_VALUE");
    }

    RemoteStore connect() {
        RemoteSettings defaults = RemoteSettings.of(clusterName, servers);
        return RemoteStore.connect(new RemoteSettings(
                clusterName,
                servers,
                tls.settings(true),
                token(),
                timeout,
                defaults.maxKeyBytes(),
                defaults.maxValueBytes(),
                defaults.maxLogEntryBytes()));
    }

    Output output() {
        return new Output(spec.commandLine().getOut(), format);
    }

    static CacheInfo cache(RemoteStore store, String name) {
        CacheInfo info = store.cache(name);
        if (info == null) {
            throw new Main.NotFoundException("there is no cache '" + name + "'");
        }
        return info;
    }

    /** Asks on a terminal; without one the option must be given. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on there is one without a terminal, which answers nothing
    void confirm(boolean yes, String what) {
        if (yes) {
            return;
        }
        java.io.Console console = System.console();
        if (console == null) {
            throw new IllegalArgumentException("this would " + what + "; say --yes if you mean it");
        }
        String answer = console.readLine("This will %s. Go on? [y/N] ", what);
        if (!"y".equalsIgnoreCase(answer)) {
            throw new IllegalArgumentException("not done");
        }
    }
}
