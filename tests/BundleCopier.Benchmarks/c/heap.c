// heap FILE BYTES [every-second-page-zero]: makes a dense file like the heap of a crashed process: random bytes, pages
// first touched in random order through a shared mapping. With the third argument, every second page is touched and
// stays zero.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state = 88172645463325252ull;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    size_t bytes = strtoull(argv[2], NULL, 10);
    int half = argc > 3;
    size_t pages = bytes / 4096;
    int fd = open(argv[1], O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
        return perror(argv[1]), 1;
    uint64_t *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint32_t *order = malloc(pages * sizeof *order);
    if (map == MAP_FAILED || !order)
        return perror("mmap"), 1;
    for (size_t i = 0; i < pages; i++)
        order[i] = (uint32_t)i;
    for (size_t i = pages - 1; i > 0; i--) {
        size_t j = next() % (i + 1);
        uint32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
    for (size_t i = 0; i < pages; i++) {
        uint64_t *page = map + (size_t)order[i] * 512;
        if (half && order[i] % 2) {
            memset(page, 0, 4096);
            continue;
        }
        for (int k = 0; k < 512; k++)
            page[k] = next();
    }
    return 0;
}
