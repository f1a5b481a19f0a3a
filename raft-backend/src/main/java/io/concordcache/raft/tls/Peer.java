package io.concordcache.raft.tls;

import io.concordcache.raft.store.Member;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection, by the certificate that was checked.
 *
 * @param subject the name of the certificate, for messages and logs; "nobody" without one
 * @param names host names and addresses that the certificate is for (its subject alternative names)
 */
public record Peer(String subject, List<String> names) {
    /** One that showed no certificate. */
    public static final Peer NOBODY = new Peer("nobody", List.of());

    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    public Peer {
        names = List.copyOf(names);
    }

    /** The other end of a session; without a certificate {@link #NOBODY}. */
    public static Peer of(@Nullable SSLSession session) {
        if (session == null) {
            return NOBODY;
        }
        try {
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            return new Peer(certificate.getSubjectX500Principal().getName(), names(certificate));
        } catch (SSLPeerUnverifiedException e) {
            return NOBODY;
        } catch (CertificateParsingException e) {
            return new Peer("a certificate with unreadable names", List.of());
        }
    }

    private static List<String> names(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        List<String> names = new ArrayList<>();
        for (List<?> each : all == null ? List.<List<?>>of() : all) {
            if (each.get(0).equals(DNS) || each.get(0).equals(ADDRESS)) {
                names.add(String.valueOf(each.get(1)));
            }
        }
        return names;
    }

    /** By what names the certificate may be known: those that it is for, and the common name of its subject. */
    public List<String> identities() {
        List<String> all = new ArrayList<>(names);
        try {
            for (Rdn part : new LdapName(subject).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    all.add(String.valueOf(part.getValue()));
                }
            }
        } catch (InvalidNameException e) {
            // nobody, or a certificate that cannot be read: then it has no name
        }
        return all;
    }

    /** Whether the certificate is for the host or the id of this member. */
    public boolean is(Member member) {
        return names.stream().anyMatch(name -> name.equals(member.id()) || isFor(name, member.host()));
    }

    /** As a host name is compared with one in a certificate (RFC 6125): a star stands for the first label alone. */
    private static boolean isFor(String name, String host) {
        if (isAddress(host)) {
            return isAddress(name) && address(name).equals(address(host));
        }
        String wanted = host.toLowerCase(Locale.ROOT);
        String given = name.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        return given.equals(wanted)
                || (given.startsWith("*.")
                        && given.indexOf('.', 2) > 0
                        && dot > 0
                        && wanted.substring(dot).equals(given.substring(1)));
    }

    private static boolean isAddress(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9]+(\\.[0-9]+){3}");
    }

    /** Looks nothing up: the text is an address. */
    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text + " is no address", e);
        }
    }

    @Override
    public String toString() {
        return names.isEmpty() ? subject : subject + " " + names;
    }
}
