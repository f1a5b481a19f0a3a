package io.concordcache.raft.ratis;

import java.util.Collection;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.util.ProtoUtils;

/**
 * Who votes since an entry of the log.
 *
 * @param previous of the configuration that is being left, empty if none is
 */
record Configuration(long index, Collection<RaftPeer> current, Collection<RaftPeer> previous) {
    static Configuration of(long index, RaftConfigurationProto proto) {
        return new Configuration(index, peers(proto.getPeersList()), peers(proto.getOldPeersList()));
    }

    static Configuration of(RaftConfiguration configuration) {
        return new Configuration(
                configuration.getLogEntryIndex(), configuration.getCurrentPeers(), configuration.getPreviousPeers());
    }

    private static List<RaftPeer> peers(List<RaftPeerProto> protos) {
        return protos.stream().map(ProtoUtils::toRaftPeer).toList();
    }
}
