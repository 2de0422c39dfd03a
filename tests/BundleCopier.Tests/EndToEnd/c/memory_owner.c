/*
 * A process with shared memory of each kind, for the tests: memory_owner NAME BYTES COMMAND
 *
 * all          a named POSIX segment, an unlinked one, a memfd, a System V segment, one that is removed (IPC_RMID),
 *              shared anonymous memory, and private memory
 * children N   one memfd that N children map as well
 * many N       one memfd that is mapped N times, and a second one once
 * huge         a memfd in huge pages (hugetlbfs)
 *
 * The first and the last quarter of each are filled: word i is kind << 56 | i. The middle is a hole. It says
 * "ready ID ID" (the System V segments) and waits for the end of standard input; then it removes everything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

volatile int answer = 4711;
uint64_t *volatile heap;

static size_t bytes;

static void check(int ok, const char *what)
{
    if (ok)
        return;
    printf("%s: %s\n", what, strerror(errno));
    fflush(stdout);
    exit(1);
}

static void fill(uint64_t kind, uint64_t *at)
{
    size_t words = bytes / sizeof *at;
    for (size_t i = 0; i < words; i++)
        if (i < words / 4 || i >= words - words / 4)
            at[i] = kind << 56 | i;
}

static int file(const char *name, int isMemfd, unsigned flags)
{
    int fd = isMemfd ? memfd_create(name, MFD_CLOEXEC | flags) : shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    check(fd >= 0, name);
    check(ftruncate(fd, (off_t)bytes) == 0, "ftruncate");
    return fd;
}

static void *map(int fd, size_t length)
{
    int anonymous = fd < 0 ? MAP_ANONYMOUS : 0;
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | anonymous, fd, 0);
    check(at != MAP_FAILED, "mmap");
    return at;
}

int main(int argc, char **argv)
{
    check(argc >= 4, "usage");
    const char *name = argv[1], *command = argv[3];
    bytes = strtoul(argv[2], NULL, 10);
    int count = argc > 4 ? atoi(argv[4]) : 0;
    int segment = -1, removed = -1;
    char named[200] = "", gone[200];
    if (strcmp(command, "all") == 0) {
        snprintf(named, sizeof named, "/%s-named", name);
        snprintf(gone, sizeof gone, "/%s-gone", name);
        fill(1, map(file(named, 0, 0), bytes));
        fill(2, map(file(gone, 0, 0), bytes));
        shm_unlink(gone);
        fill(3, map(file(name, 1, 0), bytes));
        segment = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
        check(segment >= 0, "shmget");
        fill(4, shmat(segment, NULL, 0));
        removed = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
        check(removed >= 0, "shmget");
        fill(5, shmat(removed, NULL, 0));
        shmctl(removed, IPC_RMID, NULL);
        fill(6, map(-1, bytes));
        heap = calloc(1, bytes);
        check(heap != NULL, "calloc");
        fill(7, heap);
    } else if (strcmp(command, "huge") == 0) {
        fill(3, map(file(name, 1, MFD_HUGETLB), bytes));
    } else {
        int fd = file(name, 1, 0);
        fill(3, map(fd, bytes));
        if (strcmp(command, "many") == 0) {
            for (int i = 0; i < count; i++)
                map(fd, 4096);
            fill(3, map(file("second", 1, 0), bytes));
        }

        int ready[2];
        check(pipe(ready) == 0, "pipe");
        for (int i = 0; strcmp(command, "children") == 0 && i < count; i++) {
            pid_t parent = getpid();
            if (fork() == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                map(fd, bytes);
                check(write(ready[1], "", 1) == 1, "write");
                while (getppid() == parent)
                    pause();
                _exit(0);
            }
        }

        for (int i = 0; strcmp(command, "children") == 0 && i < count; i++) {
            char one;
            check(read(ready[0], &one, 1) == 1, "read");
        }
    }

    printf("ready %d %d\n", segment, removed);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (segment >= 0)
        shmctl(segment, IPC_RMID, NULL);
    if (named[0] != 0)
        shm_unlink(named);
    return 0;
}
