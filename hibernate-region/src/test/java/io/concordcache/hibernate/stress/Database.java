package io.concordcache.hibernate.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The server that all applications use; it ends with its input. */
enum Database {
    H2 {
        @Override
        boolean isInstalled() {
            return true;
        }

        @Override
        List<String> command(String address, Path directory) {
            return Applications.java(List.of(), "h2", "9092");
        }

        @Override
        String url(String address) {
            return "jdbc:h2:tcp://" + address + ":9092/mem:stress;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=5000";
        }
    },

    POSTGRESQL {
        private static final String PARENT = "/usr/lib/postgresql";

        @Override
        boolean isInstalled() {
            return Files.isDirectory(Path.of(PARENT));
        }

        /** As another user, since it refuses to run as root. */
        @Override
        List<String> command(String address, Path directory) {
            try (Stream<Path> versions = Files.list(Path.of(PARENT))) {
                String programs =
                        versions.sorted().toList().get(0).resolve("bin").toString();
                Files.setOwner(
                        directory,
                        directory
                                .getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByName("postgres"));
                return List.of(
                        "runuser", "-u", "postgres", "--", "sh", "-c", """
                        set -e
                        cd $1
                        $0/initdb -D data -U stress -A trust >initdb.log
                        echo 'host all all 10.77.0.0/24 trust' >>data/pg_hba.conf
                        $0/postgres -D data -c listen_addresses=$2 -c unix_socket_directories= -c fsync=off \\
                            -c lock_timeout=5s -c deadlock_timeout=200ms -c client_connection_check_interval=1s &
                        trap "kill $!; wait" EXIT
                        echo up
                        cat >/dev/null
                        """, programs, directory.toString(), address);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        String url(String address) {
            return "jdbc:postgresql://" + address + "/postgres?user=stress";
        }
    };

    abstract boolean isInstalled();

    /** Starts it; what it says first is "up". */
    abstract List<String> command(String address, Path directory);

    abstract String url(String address);
}
