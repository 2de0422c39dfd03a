// swapper DIR NAME OTHER...: exchanges the name with each of the others in turn, as fast as it can, until its standard
// input ends. For races of a hostile user against a copy.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char **args)
{
    if (count < 4 || chdir(args[1]) != 0)
        return 2;
    puts("ready");
    fflush(stdout);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    for (unsigned long turn = 0;; turn++) {
        renameat2(AT_FDCWD, args[2], AT_FDCWD, args[3 + turn % (count - 3)], RENAME_EXCHANGE);
        if (turn % 64 == 0 && poll(&input, 1, 0) != 0)
            return 0;
    }
}
