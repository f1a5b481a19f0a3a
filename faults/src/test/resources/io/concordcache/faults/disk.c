/*
 * Lets writes of a process fail: loaded before its libraries (LD_PRELOAD), for files below FAULTS_DISK_DIRECTORY, as the
 * file FAULTS_DISK_CONTROL says, which is read with each write and may change at any time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
    int32_t error;       /* errno of what fails, 0 for no failures */
    int32_t of_thousand; /* so many of thousand calls fail */
    int32_t failed;      /* how many have failed, counted here */
};

static struct control *control;
static const char *directory;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULTS_DISK_CONTROL");
    directory = getenv("FAULTS_DISK_DIRECTORY");
    int fd = file == NULL || directory == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        control = map == MAP_FAILED ? NULL : map;
        close(fd);
    }
}

static int fails(int fd, int is_write) {
    static __thread unsigned random;
    if (control == NULL || control->error == 0 || (control->error == ENOSPC && !is_write)) {
        return 0;
    }
    char link[32];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    size_t prefix = strlen(directory);
    if (length <= (ssize_t) prefix || memcmp(path, directory, prefix) != 0 || path[prefix] != '/') {
        return 0;
    }
    if (random == 0) {
        random = (unsigned) syscall(SYS_gettid);
    }
    if (rand_r(&random) % 1000 >= control->of_thousand) {
        return 0;
    }
    __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
    errno = control->error;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return fails(fd, 1) ? -1 : syscall(SYS_write, fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return fails(fd, 1) ? -1 : syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    return fails(fd, 1) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at);
}

int fsync(int fd) {
    return fails(fd, 0) ? -1 : (int) syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return fails(fd, 0) ? -1 : (int) syscall(SYS_fdatasync, fd);
}
