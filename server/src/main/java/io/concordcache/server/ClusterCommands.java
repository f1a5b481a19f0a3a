package io.concordcache.server;

import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands about members. */
final class ClusterCommands {
    private ClusterCommands() {}

    /** A word that only groups others. */
    abstract static class Group implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new CommandLine.ParameterException(spec.commandLine(), "say which of its commands");
        }
    }

    @Command(
            name = "status",
            description = "Shows who leads, and how far each member is.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord status", "  concord status --servers a:7800,b:7800 --output json"})
    static final class Status implements Callable<Integer> {
        @Mixin
        private Target target;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                ClusterStatus status = store.admin().status();
                List<Map<String, @Nullable Object>> rows = new ArrayList<>();
                for (MemberStatus member : status.members()) {
                    rows.add(Output.row(
                            "member", member.member().id(),
                            "address", member.member().address(),
                            "role", member.role().name().toLowerCase(java.util.Locale.ROOT),
                            "term", member.term(),
                            "last", member.lastIndex(),
                            "applied", member.appliedIndex(),
                            "snapshot", member.snapshotIndex() < 0 ? null : member.snapshotIndex(),
                            "caches", member.caches(),
                            "entries", member.entries(),
                            "problem", member.problem()));
                }
                target.output().many(rows, "no members");
                return status.leader() == null ? Main.FAILED : 0;
            }
        }
    }

    @Command(
            name = "members",
            description = "Lists, adds and removes members.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord members list", "  concord members add d=10.0.0.4:7800"})
    static final class Members extends Group {}

    @Command(
            name = "list",
            description = "Lists the members.",
            footerHeading = "%nExamples:%n",
            footer = "  concord members list --output json")
    static final class MembersList implements Callable<Integer> {
        @Mixin
        private Target target;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                ClusterStatus status = store.admin().status();
                List<Map<String, @Nullable Object>> rows = new ArrayList<>();
                for (MemberStatus member : status.members()) {
                    rows.add(Output.row(
                            "member", member.member().id(),
                            "address", member.member().address(),
                            "leads", member.member().id().equals(status.leader())));
                }
                target.output().many(rows, "no members");
                return 0;
            }
        }
    }

    @Command(
            name = "add",
            description = "Takes in a member, which was started with --join and an empty directory.",
            footerHeading = "%nExamples:%n",
            footer = "  concord members add d=10.0.0.4:7800")
    static final class MembersAdd implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "ID=HOST:PORT", description = "the member, as it was started")
        private Member member;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                store.admin().addMember(member);
                target.output().one(Output.row("added", member.toString()));
                return 0;
            }
        }
    }

    @Command(
            name = "remove",
            description = "Ends the membership of one, which may be dead.",
            footerHeading = "%nExamples:%n",
            footer = "  concord members remove d --yes")
    static final class MembersRemove implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "ID", description = "the member's id")
        private String id;

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public Integer call() {
            target.confirm(yes, "remove the member '" + id + "'");
            try (RemoteStore store = target.connect()) {
                requireMember(store, id);
                store.admin().removeMember(id);
                target.output().one(Output.row("removed", id));
                return 0;
            }
        }
    }

    @Command(
            name = "leader",
            description = "Moves the lead.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord leader transfer", "  concord leader transfer b:7800"})
    static final class Leader extends Group {}

    @Command(
            name = "transfer",
            description = "Hands the lead to a member, or to the one that is most up to date.",
            footerHeading = "%nExamples:%n",
            footer = "  concord leader transfer b:7800")
    static final class LeaderTransfer implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(arity = "0..1", paramLabel = "ID", description = "the member's id")
        private @Nullable String id;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                if (id != null) {
                    requireMember(store, id);
                }
                store.admin().transferLeadership(id);
                target.output().one(Output.row("leader", store.admin().status().leader()));
                return 0;
            }
        }
    }

    @Command(
            name = "snapshot",
            description = "Makes a member, or all, take a snapshot and shorten the log.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord snapshot", "  concord snapshot a:7800"})
    static final class TakeSnapshot implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(arity = "0..1", paramLabel = "ID", description = "the member's id; all if not given")
        private @Nullable String id;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                if (id != null) {
                    requireMember(store, id);
                }
                store.admin().snapshot(id);
                target.output().one(Output.row("snapshot", id == null ? "all" : id));
                return 0;
            }
        }
    }

    private static void requireMember(RemoteStore store, String id) {
        List<String> ids = store.admin().status().members().stream()
                .map(status -> status.member().id())
                .toList();
        if (!ids.contains(id)) {
            throw new Main.NotFoundException("there is no member '" + id + "'; the members are " + ids);
        }
    }
}
