// neighbour write|fork|touch INTERVAL_US RECORD [FILE]: a program beside a copy. Until SIGTERM, it does one small
// operation at each interval: appends 4 KiB to FILE and waits until they are durable, or runs /bin/true, or touches
// 8 MiB of new memory. Then it writes a line "start_us latency_us" for each operation to RECORD, on CLOCK_MONOTONIC.
// The latency is of the operation alone, without waking up for it. Operations that become due while another one runs
// are left out. The program's own memory is locked, so only the kernel's work can be slow.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  max_moments = 1 << 17, // 10 minutes at 5 ms
  block_size = 4 << 10,
  fresh_size = 8 << 20,
};

struct moment {
  int64_t start_us;
  int64_t took_us;
};

static volatile sig_atomic_t over;
static int file;
static off_t offset;
static char block[block_size];

static void end(int signal) {
  (void)signal;
  over = 1;
}

static int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void write_block(void) {
  if (pwrite(file, block, block_size, offset) != block_size || fdatasync(file) < 0)
    err(1, "cannot write");
  offset += block_size;
}

static void run_true(void) {
  pid_t child = fork();
  if (child < 0)
    err(1, "fork");
  if (child == 0) {
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
  }
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      err(1, "waitpid");
  if (status != 0)
    errx(1, "/bin/true failed");
}

static void touch_fresh(void) {
  char *memory = mmap(NULL, fresh_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    err(1, "mmap");
  madvise(memory, fresh_size, MADV_NOHUGEPAGE); // a huge page would be one fault for 512
  for (size_t at = 0; at < fresh_size; at += block_size)
    memory[at] = 1;
  munmap(memory, fresh_size);
}

int main(int argc, char **argv) {
  if (argc < 4)
    errx(2, "usage: neighbour write|fork|touch INTERVAL_US RECORD [FILE]");
  void (*act)(void) = touch_fresh;
  if (strcmp(argv[1], "write") == 0)
    act = write_block;
  else if (strcmp(argv[1], "fork") == 0)
    act = run_true;
  const int64_t interval = atoll(argv[2]);
  if (interval <= 0)
    errx(2, "%s is not an interval", argv[2]);
  FILE *record = fopen(argv[3], "w");
  if (!record)
    err(1, "%s", argv[3]);

  struct sigaction ending = {.sa_handler = end};
  sigaction(SIGTERM, &ending, NULL);
  sigaction(SIGINT, &ending, NULL);

  if (act == write_block) {
    file = argc < 5 ? -1 : open(argv[4], O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0)
      err(1, "cannot open the file to write to");
    memset(block, 7, block_size);
  }

  // Children do not need the records. Without MADV_DONTFORK, the latency of fork would include copying their page
  // tables, and later their pages.
  const size_t size = max_moments * sizeof(struct moment);
  struct moment *moments = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (moments == MAP_FAILED || madvise(moments, size, MADV_DONTFORK) < 0)
    err(1, "mmap");
  if (mlockall(MCL_CURRENT) < 0)
    err(1, "cannot lock memory, see ulimit -l: mlockall");

  size_t count = 0;
  for (int64_t due = now_us() + interval; !over && count < max_moments; due += interval) {
    struct timespec at = {due / 1000000, due % 1000000 * 1000};
    while (!over && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
      continue;
    if (over)
      break;
    int64_t start = now_us();
    act();
    int64_t done = now_us();
    moments[count++] = (struct moment){start, done - start};
    if (done > due + interval)
      due = done - (done - due) % interval;
  }
  for (size_t i = 0; i < count; i++)
    fprintf(record, "%lld %lld\n", (long long)moments[i].start_us, (long long)moments[i].took_us);
  if (fclose(record) != 0)
    err(1, "%s", argv[3]);
  return 0;
}
