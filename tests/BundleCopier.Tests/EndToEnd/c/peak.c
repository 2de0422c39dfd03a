// Runs a program and writes the most memory that it had (wait4(2), ru_maxrss), in KiB, to a file.
//
// Usage: peak FILE PROGRAM ARGUMENT...
// It is small itself: a child begins with the memory of the process that starts it, and that would count.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 3)
    return 127;
  pid_t child = fork();
  if (child == 0) {
    execvp(arguments[2], arguments + 2);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0)
    return 127;
  FILE *file = fopen(arguments[1], "w");
  if (!file || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file) != 0)
    return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
