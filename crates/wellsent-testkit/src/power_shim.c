/* Stands between a process and the C library and keeps a journal of everything that the process does to the files of one folder, in the order
 * in which it happened, so that a test can work out what a disk could hold if the power had failed at any moment. Syncs are journalled and not
 * carried out. A call that could change a file in a way that the journal has no word for is journalled as unmodelled, which fails the test.
 *
 * A record: kind (1), length of the name (2), a (8), b (8), the name, and for a write b bytes of data. Numbers are little-endian. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static char folder[PATH_MAX];
static size_t folder_len;

/* The fault: its kind, the passages at which it strikes, and how the names of its files end. */
static char fault_kind[16], fault_suffix[64];
static long fault_from, fault_count, fault_seen;

__attribute__((constructor)) static void begin(void) {
    const char *to = getenv("WELLSENT_POWER_JOURNAL"), *in = getenv("WELLSENT_POWER_FOLDER"), *fault = getenv("WELLSENT_POWER_FAULT");
    if (!to || !in || strlen(in) >= sizeof folder) return;
    strcpy(folder, in);
    folder_len = strlen(folder);
    if (fault && sscanf(fault, "%15[a-z]:%ld:%ld:%63s", fault_kind, &fault_from, &fault_count, fault_suffix) != 4) abort();
    journal = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) abort();
}

static int ends(const char *text, const char *suffix) {
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && strcmp(text + n - m, suffix) == 0;
}

/* The name within the folder; "" is the folder itself; NULL is none of ours. Shared memory and locks do not outlive the power. */
static const char *within(const char *path) {
    if (strncmp(path, folder, folder_len) != 0) return NULL;
    path += folder_len;
    if (*path == 0) return path;
    if (*path != '/') return NULL;
    path++;
    return ends(path, "-shm") || ends(path, ".lock") ? NULL : path;
}

static const char *name_of(int fd, char *into) {
    if (journal < 0 || fd < 0) return NULL;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, into, PATH_MAX - 1);
    if (n <= 0) return NULL;
    into[n] = 0;
    return within(into);
}

static void put(const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t n = syscall(SYS_write, journal, at, size);
        if (n < 0) {
            if (errno == EINTR) continue;
            abort();
        }
        at += n;
        size -= (size_t)n;
    }
}

static void note(char kind, const char *name, uint64_t a, uint64_t b, const void *data) {
    unsigned char head[19];
    uint16_t length = (uint16_t)strlen(name);
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &length, 2);
    memcpy(head + 3, &a, 8);
    memcpy(head + 11, &b, 8);
    put(head, sizeof head);
    put(name, length);
    if (data) put(data, (size_t)b);
}

static int strikes(const char *kind, const char *name) {
    if (strcmp(kind, fault_kind) != 0 || !ends(name, fault_suffix)) return 0;
    fault_seen++;
    return fault_seen >= fault_from && fault_seen < fault_from + fault_count;
}

static ssize_t written(int fd, const void *data, size_t size, int64_t offset) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return offset < 0 ? syscall(SYS_write, fd, data, size) : syscall(SYS_pwrite64, fd, data, size, offset);
    pthread_mutex_lock(&lock);
    ssize_t n = -1;
    int error = 0;
    if (strikes("space", name)) {
        error = ENOSPC;
    } else if (strikes("write", name)) {
        error = EIO;
    } else {
        int64_t at = offset < 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : offset;
        n = offset < 0 ? syscall(SYS_write, fd, data, size) : syscall(SYS_pwrite64, fd, data, size, offset);
        error = errno;
        if (n > 0) note('W', name, (uint64_t)at, (uint64_t)n, data);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return n;
}

ssize_t write(int fd, const void *data, size_t size) { return written(fd, data, size, -1); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return written(fd, data, size, offset); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) { return written(fd, data, size, offset); }

static int synced(int fd, long call) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    int struck = strikes("sync", name);
    note('S', name, struck ? 0 : 1, 0, NULL);
    pthread_mutex_unlock(&lock);
    if (struck) errno = EIO;
    return struck ? -1 : 0;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int cut(int fd, int64_t size) {
    char path[PATH_MAX];
    const char *name = name_of(fd, path);
    if (!name) return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    int answer = (int)syscall(SYS_ftruncate, fd, size), error = errno;
    if (answer == 0) note('T', name, (uint64_t)size, 0, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return answer;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int opened(int at, const char *path, int flags, mode_t mode) {
    if (journal < 0) return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&lock);
    int there = (flags & O_CREAT) ? syscall(SYS_faccessat, at, path, F_OK) == 0 : 1;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode), error = errno;
    if (fd >= 0 && (flags & (O_CREAT | O_TRUNC))) {
        char real[PATH_MAX];
        const char *name = name_of(fd, real);
        if (name && !there) note('C', name, 0, 0, NULL);
        else if (name && (flags & O_TRUNC)) note('T', name, 0, 0, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static mode_t mode_in(int flags, va_list list) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

#define OPEN(name)                                 \
    int name(const char *path, int flags, ...) {   \
        va_list list;                              \
        va_start(list, flags);                     \
        mode_t mode = mode_in(flags, list);        \
        va_end(list);                              \
        return opened(AT_FDCWD, path, flags, mode); \
    }
#define OPENAT(name)                                      \
    int name(int at, const char *path, int flags, ...) {  \
        va_list list;                                     \
        va_start(list, flags);                            \
        mode_t mode = mode_in(flags, list);               \
        va_end(list);                                     \
        return opened(at, path, flags, mode);             \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int unlink(const char *path) {
    const char *name = journal < 0 ? NULL : within(path);
    if (!name) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&lock);
    int answer = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0), error = errno;
    if (answer == 0) note('U', name, 0, 0, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return answer;
}

/* What follows is carried out, and fails the test where it touches one of our files. */
static void unmodelled(const char *call, const char *name) {
    if (!name) return;
    pthread_mutex_lock(&lock);
    note('!', call, 0, 0, NULL);
    pthread_mutex_unlock(&lock);
}

static void unmodelled_fd(const char *call, int fd) {
    char path[PATH_MAX];
    unmodelled(call, name_of(fd, path));
}

int rename(const char *from, const char *to) {
    if (journal >= 0) unmodelled("rename", within(from) ? within(from) : within(to));
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fallocate(int fd, int mode, off_t from, off_t size) {
    unmodelled_fd("fallocate", fd);
    return (int)syscall(SYS_fallocate, fd, mode, from, size);
}

int posix_fallocate(int fd, off_t from, off_t size) {
    unmodelled_fd("posix_fallocate", fd);
    return syscall(SYS_fallocate, fd, 0, from, size) == 0 ? 0 : errno;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    unmodelled_fd("writev", fd);
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    unmodelled_fd("pwritev", fd);
    return syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

static void *mapped(void *at, size_t size, int access, int flags, int fd, int64_t offset) {
    if (fd >= 0 && (access & PROT_WRITE) && (flags & MAP_SHARED)) unmodelled_fd("mmap", fd);
    return (void *)syscall(SYS_mmap, at, size, access, flags, fd, offset);
}

void *mmap(void *at, size_t size, int access, int flags, int fd, off_t offset) { return mapped(at, size, access, flags, fd, offset); }
void *mmap64(void *at, size_t size, int access, int flags, int fd, off64_t offset) { return mapped(at, size, access, flags, fd, offset); }
