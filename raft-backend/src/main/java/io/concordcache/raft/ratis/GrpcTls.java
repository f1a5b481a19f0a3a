package io.concordcache.raft.ratis;

import io.concordcache.raft.tls.Tls;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ApplicationProtocolConfig;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ApplicationProtocolNames;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ClientAuth;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.JdkSslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;

/** {@link Tls} as gRPC takes it: each connection uses the files as they are when it is made. */
final class GrpcTls extends SslContext {
    private final Tls tls;
    private final boolean client;
    private volatile Made made;

    private record Made(SSLContext from, JdkSslContext context) {}

    private GrpcTls(Tls tls, boolean client) {
        this.tls = tls;
        this.client = client;
        made = make();
    }

    /** For connections that others make. */
    static SslContext server(Tls tls) {
        return new GrpcTls(tls, false);
    }

    /** For connections that this side makes; gRPC sees to it that the certificate names the host. */
    static SslContext client(Tls tls) {
        return new GrpcTls(tls, true);
    }

    private Made make() {
        SSLContext from = tls.context();
        ClientAuth demand =
                client ? ClientAuth.NONE : tls.demandsClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL;
        return new Made(
                from,
                new JdkSslContext(
                        from,
                        client,
                        null,
                        IdentityCipherSuiteFilter.INSTANCE,
                        new ApplicationProtocolConfig(
                                ApplicationProtocolConfig.Protocol.ALPN,
                                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                ApplicationProtocolNames.HTTP_2),
                        demand,
                        Tls.PROTOCOLS.toArray(new String[0]),
                        false));
    }

    private JdkSslContext now() {
        Made now = made;
        if (now.from != tls.context()) {
            now = make();
            made = now;
        }
        return now.context;
    }

    @Override
    public boolean isClient() {
        return client;
    }

    @Override
    public List<String> cipherSuites() {
        return now().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // what is to be implemented returns it
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return now().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return now().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return now().newEngine(allocator, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return now().sessionContext();
    }
}
