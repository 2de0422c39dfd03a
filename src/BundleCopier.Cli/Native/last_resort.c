// Linked into the native program. The .NET runtime aborts, or waits for ever, where a thread of its own cannot be
// started. The linker (--wrap) leads its calls of pthread_create(3), abort(3) and main here, so that the program ends
// with a sentence and with an exit code that says whether the bundle is there (docs/cli.md). Nothing here allocates.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_FAILED = 4, EXIT_NO_RUNTIME = 255 };

// The engine asks for stacks of this size, and goes on without such a thread: ThreadStack.OptionalBytes.
enum { ENGINE_STACK_BYTES = 1088 * 1024 };

// glibc reserves as much address space for each stack as for the main one, 8 MiB, and 64 MiB for each arena. Both
// count against RLIMIT_AS. The runtime itself uses 1.5 MiB where the C library's own default is small (musl).
enum { DEFAULT_STACK_BYTES = 1536 * 1024, MAX_ARENAS = 2 };

#define SCARCITY                                                                                                     \
  "there is not enough memory, or there are too many threads. Free some, or raise the limits (ulimit -d, -u, -v; "  \
  "MemoryMax=, TasksMax=)\n"

int __real_main(int argc, char **argv);
int __real_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

// What the program ends with from now on: failed, until there is a bundle.
static atomic_int exit_code = EXIT_FAILED;
static atomic_bool is_committed = false;

void bundlecopy_committed(int code) {
  atomic_store(&exit_code, code);
  atomic_store(&is_committed, true);
}

static void say(const char *text) {
  // Standard error may be closed or full; the exit code tells the end.
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

static _Noreturn void end(const char *sentence, const char *after_commit) {
  say(atomic_load(&is_committed) ? after_commit : sentence);
  _exit(atomic_load(&exit_code));
}

static int may_fail(const pthread_attr_t *attributes) {
  size_t bytes = 0;
  return attributes && pthread_attr_getstacksize(attributes, &bytes) == 0 && bytes == ENGINE_STACK_BYTES;
}

int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  int is_optional = may_fail(attributes);
  // Another program may end a thread in the next moment: 1 + 2 + 4 ... ms, about a second in all.
  int tries = is_optional ? 4 : 10;
  int error = 0;
  for (int i = 0; i < tries; i++) {
    error = __real_pthread_create(thread, attributes, start, argument);
    if (error != EAGAIN && error != ENOMEM)
      return error;
    struct timespec pause = {.tv_nsec = 1000000L << i};
    nanosleep(&pause, NULL);
  }

  if (!is_optional)
    end("bundlecopy: " SCARCITY, "bundlecopy: the bundle is committed. After that, " SCARCITY);
  return error;
}

_Noreturn void __wrap_abort(void) {
  end("bundlecopy: the .NET runtime has ended the program. If its message above names no bug, " SCARCITY,
      "bundlecopy: the bundle is committed. After that, the .NET runtime has ended the program\n");
}

// A descriptor from 0 to 2 that the parent has closed would be that of the first file which the runtime or the engine
// opens, and the runtime's console would write to that file. So /dev/null takes it. It is closed at execve(2), by which
// StandardStreams tells it from a descriptor of the parent.
static void fill_standard_streams(void) {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
      return;
  }
}

int __wrap_main(int argc, char **argv) {
  fill_standard_streams();
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, MAX_ARENAS);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) == 0) {
    if (pthread_attr_setstacksize(&attributes, DEFAULT_STACK_BYTES) == 0)
      pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
#endif
  int code = __real_main(argc, argv);
  if ((code & 0xff) == EXIT_NO_RUNTIME)
    end("bundlecopy: the .NET runtime cannot start: " SCARCITY, "");
  return code;
}
