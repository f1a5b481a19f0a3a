package io.concordcache.raft.tls;

import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one node. Looks at its files each second: when they have changed, and are as they should be, connections that
 * are made from then on use what they hold. Files that are not are left alone, with one warning. Thread-safe.
 *
 * <p>TLS 1.3 alone: both sides are always Java 17 or newer.
 */
public final class Tls implements AutoCloseable {
    /** The versions of the protocol that are spoken. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3");

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    private final TlsSettings settings;
    private final FileWatch watch;
    private final ScheduledExecutorService timer;
    private volatile SSLContext context;

    private Tls(TlsSettings settings) {
        this.settings = settings;
        watch = new FileWatch(settings.files());
        context = TlsFiles.load(settings);
        timer = FileWatch.looking("concord-tls", this::look);
    }

    /**
     * Reads the files and starts to look at them.
     *
     * @throws StartException if one is missing or not as it should be; the message says which, and what to do
     */
    public static Tls open(TlsSettings settings) {
        return new Tls(settings);
    }

    /** New files are read at the second look that finds them as they are. */
    synchronized void look() {
        try {
            if (!watch.hasChanged()) {
                return;
            }
            context = TlsFiles.load(settings);
            LOG.info("TLS: new connections use the files as they are now: {}", settings.files());
        } catch (StartException e) {
            LOG.warn("TLS: the new files are refused, and what was read before stays in use: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("TLS: the new files are refused, and what was read before stays in use", e);
        }
    }

    /** What new connections are to use; asked for once for each. */
    public SSLContext context() {
        return context;
    }

    public boolean demandsClientCertificate() {
        return settings.demandClientCertificate();
    }

    /**
     * Makes a connection secure towards the side that was connected to, whose certificate must name the host. Waits for that
     * side.
     *
     * @throws IOException if either does not accept the other, as far as this side knows by then
     */
    public SSLSocket connect(Socket connected, String host, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connected, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(PROTOCOLS.toArray(new String[0]));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** The same for the side that was connected to. */
    public SSLSocket accept(Socket accepted) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(accepted, accepted.getInetAddress().getHostAddress(), accepted.getPort(), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(PROTOCOLS.toArray(new String[0]));
        if (demandsClientCertificate()) {
            parameters.setNeedClientAuth(true);
        } else {
            parameters.setWantClientAuth(true);
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
