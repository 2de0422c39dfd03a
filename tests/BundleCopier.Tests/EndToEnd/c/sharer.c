/*
 * sharer PRIVATE SHARED: fills so many MiB of private memory and of shared memory (a memfd and anonymous memory, half
 * of each), and crashes by SIGSEGV.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *shared(int fd, size_t bytes)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    if (at == MAP_FAILED)
        exit(1);
    memset(at, 's', bytes);
    return at;
}

int main(int argc, char **argv)
{
    size_t privateBytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 20;
    size_t sharedBytes = (argc > 2 ? strtoul(argv[2], NULL, 10) : 0) << 20;
    uint64_t *words = malloc(privateBytes + sizeof *words);
    if (words == NULL)
        return 1;
    for (size_t i = 0; i < privateBytes / sizeof *words; i++)
        words[i] = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    if (sharedBytes > 0) {
        int fd = memfd_create("region", 0);
        if (fd < 0 || ftruncate(fd, (off_t)(sharedBytes / 2)) != 0)
            return 1;
        shared(fd, sharedBytes / 2);
        shared(-1, sharedBytes / 2);
    }
    *(volatile int *)0 = 1;
    return 0;
}
