// recipe SOURCE TARGET: the usual advice. Maps the whole source and writes it from the mapping with O_DIRECT, 4 MiB at
// a time, one write in flight; durable at its end. The size must be a multiple of 4 KiB.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const size_t piece = 4 << 20;
  struct stat status;
  int source = argc == 3 ? open(argv[1], O_RDONLY) : -1;
  int target = argc == 3 ? open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0600) : -1;
  if (source < 0 || target < 0 || fstat(source, &status) < 0)
    err(1, "cannot open");
  size_t size = status.st_size;
  char *from = mmap(NULL, size, PROT_READ, MAP_SHARED, source, 0);
  if (from == MAP_FAILED)
    err(1, "mmap");
  for (size_t at = 0; at < size;) {
    ssize_t written = pwrite(target, from + at, size - at < piece ? size - at : piece, at);
    if (written <= 0)
      err(1, "pwrite");
    at += written;
  }
  if (fdatasync(target) < 0)
    err(1, "fdatasync");
  return 0;
}
