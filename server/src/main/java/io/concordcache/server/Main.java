package io.concordcache.server;

import io.concordcache.admin.Durations;
import io.concordcache.raft.backup.BackupException;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.logging.LogManager;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code concord}: the server and the commands that administer a cluster. */
@Command(
        name = "concord",
        description = "A strongly consistent cache: the server, and the commands that administer a cluster.",
        mixinStandardHelpOptions = true,
        version = "concord 0.2.0",
        scope = CommandLine.ScopeType.INHERIT,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed: nobody answers, or it was refused; nothing was changed",
            "2:the command line is wrong",
            "3:there is no such cache, key or member",
            "4:no answer: it may or may not have been done"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  concord server --listen 127.0.0.1:7800",
            "  concord status",
            "  concord cache create orders --max-entries 100000 --ttl 30m"
        })
public final class Main extends ClusterCommands.Group {
    static final int FAILED = 1;
    static final int NOT_FOUND = 3;
    static final int UNKNOWN = 4;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        try (InputStream logging = Main.class.getResourceAsStream("logging.properties")) {
            if (System.getProperty("java.util.logging.config.file") == null) {
                LogManager.getLogManager().readConfiguration(logging);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .addSubcommand(new ServerCommand())
                .addSubcommand(new ClusterCommands.Status())
                .addSubcommand(new CommandLine(new ClusterCommands.Members())
                        .addSubcommand(new ClusterCommands.MembersList())
                        .addSubcommand(new ClusterCommands.MembersAdd())
                        .addSubcommand(new ClusterCommands.MembersRemove()))
                .addSubcommand(new CommandLine(new ClusterCommands.Leader())
                        .addSubcommand(new ClusterCommands.LeaderTransfer()))
                .addSubcommand(new ClusterCommands.TakeSnapshot())
                .addSubcommand(new CommandLine(new CacheCommands.Caches())
                        .addSubcommand(new CacheCommands.CacheList())
                        .addSubcommand(new CacheCommands.CacheDescribe())
                        .addSubcommand(new CacheCommands.CacheStats())
                        .addSubcommand(new CacheCommands.CacheCreate())
                        .addSubcommand(new CacheCommands.CacheDestroy())
                        .addSubcommand(new CacheCommands.CacheClear()))
                .addSubcommand(new EntryCommands.Get())
                .addSubcommand(new EntryCommands.Put())
                .addSubcommand(new EntryCommands.Remove())
                .addSubcommand(new EntryCommands.Ttl())
                .addSubcommand(new EntryCommands.Scan())
                .addSubcommand(new BackupCommands.Take())
                .addSubcommand(new BackupCommands.Restore())
                .addSubcommand(new TransferCommands.Export())
                .addSubcommand(new TransferCommands.Import())
                .addSubcommand(new BenchCommand())
                .addSubcommand(new AutoComplete.GenerateCompletion())
                .registerConverter(Member.class, Main::member)
                .registerConverter(Duration.class, Main::duration)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, result) -> failed(command, failure));
    }

    private static Member member(String text) {
        try {
            return Member.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static int failed(CommandLine command, Exception failure) throws Exception {
        if (!(failure instanceof StoreException
                || failure instanceof StartException
                || failure instanceof BackupException
                || failure instanceof NotFoundException
                || failure instanceof IllegalArgumentException)) {
            throw failure;
        }
        command.getErr().println("concord: " + failure.getMessage());
        command.getErr().flush();
        boolean nothing = failure instanceof NotFoundException
                || (failure instanceof RequestRejectedException rejected
                        && rejected.reason() == RequestRejectedException.Reason.NO_SUCH_CACHE);
        return nothing ? NOT_FOUND : failure instanceof OutcomeUnknownException ? UNKNOWN : FAILED;
    }

    /** There is no such cache, key or member. */
    static final class NotFoundException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotFoundException(String message) {
            super(message);
        }
    }
}
