package io.concordcache.raft.config;

import io.concordcache.raft.store.Member;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Which members there are, and which of them this machine is. */
final class Topology {
    private static final long LOOK_UP_SECONDS = 60;

    private Topology() {}

    /**
     * The member of this id or address, or the only one on this machine.
     *
     * @throws IllegalArgumentException if there is none, or more than one
     */
    static Member self(List<Member> members, @Nullable String named) {
        List<Member> found = members.stream()
                .filter(member -> named == null
                        ? isHere(member.host())
                        : named.equals(member.id()) || named.equals(member.address()))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (named != null) {
            throw new IllegalArgumentException(
                    "member is " + Text.quote(named) + ", but the members are " + members + "; name one of them");
        }
        throw new IllegalArgumentException((found.isEmpty()
                        ? "none of the members " + members + " has an address of this machine"
                        : "more than one of the members has an address of this machine: " + found)
                + "; say by the setting member which one this is");
    }

    private static boolean isHere(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null) {
                    return true;
                }
            }
            return false;
        } catch (UnknownHostException | SocketException e) {
            return false; // a member that is not up yet may have no name
        }
    }

    /**
     * The members behind a DNS name. Waits while there are not so many addresses: they come one by one.
     *
     * @throws IllegalArgumentException if there are never so many
     */
    static List<Member> lookUp(HostPort name, long count) {
        List<Member> found = List.of();
        for (long second = 0; second < LOOK_UP_SECONDS; second++) {
            found = resolve(name);
            if (found.size() == count) {
                return found;
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        throw new IllegalArgumentException(
                "the name " + name.host() + " should resolve to " + count + " members, but gave " + found);
    }

    private static List<Member> resolve(HostPort name) {
        try {
            return Arrays.stream(InetAddress.getAllByName(name.host()))
                    .map(InetAddress::getHostAddress)
                    .sorted()
                    .map(host -> Member.parse(new HostPort(host, name.port()).toString()))
                    .toList();
        } catch (UnknownHostException e) {
            return List.of();
        }
    }
}
