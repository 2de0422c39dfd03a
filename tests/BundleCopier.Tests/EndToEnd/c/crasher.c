/* crasher MIB THREADS: fills so much private memory, starts threads that do not end, and crashes by SIGSEGV. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int answer = 4711;
char *filled;

static void *run(void *unused) {
  (void)unused;
  for (;;)
    pause();
}

int main(int argc, char **argv) {
  size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 20;
  long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
  filled = malloc(bytes);
  if (filled == NULL)
    return 1;
  memset(filled, 'Z', bytes);
  for (long i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0)
      return 1;
  }
  *(volatile int *)0 = answer;
  return 0;
}
