package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.Response;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardingTest {
    private static Response rejected(Reason reason) {
        return Forwarding.response(new RequestRejectedException(reason, "words"));
    }

    /** Else the callers of a client would be told that their own store is closed. */
    @Test
    void aMemberThatIsBeingClosedIsOneThatDoesNotServe() {
        Response ofAnOlderMember =
                new Response.Failed(Response.Failed.Kind.REJECTED, Reason.STORE_CLOSED.name(), "the store is closed");
        for (Response answer : List.of(rejected(Reason.STORE_CLOSED), ofAnOlderMember)) {
            assertThat(Forwarding.failure(answer)).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> Forwarding.logged(answer, null))
                    .isInstanceOf(GroupCommit.NotAppendedException.class);
        }
        assertThat(rejected(Reason.STORE_CLOSED))
                .isEqualTo(new Response.Failed(Response.Failed.Kind.UNAVAILABLE, "", "words"));
    }

    @Test
    void otherRefusalsAreTheirOwn() {
        assertThat(Forwarding.failure(rejected(Reason.NO_SUCH_CACHE)))
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.NO_SUCH_CACHE))
                .hasMessage("words");
        assertThatThrownBy(() -> Forwarding.logged(rejected(Reason.FORBIDDEN), null))
                .isInstanceOf(RequestRejectedException.class);
    }
}
