// Linked into the native program. The .NET runtime aborts, or waits for ever, where a thread of its own cannot be
// started. The linker (--wrap) leads its calls of pthread_create(3), abort(3) and main here, so that the program ends
// with a sentence and with an exit code that says whether the bundle is there (docs/cli.md). Nothing here allocates.
// Signals of a copy are caught here, too: the runtime starts a thread for each, and aborts where it cannot.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
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

// timeout(1) signals its child and then its own process group, so the child gets the same request twice.
enum { ONE_REQUEST_MS = 1000 };

static atomic_int first_signal = 0;
static atomic_llong first_signal_ms = 0;
static atomic_bool is_asked = false;

static long long now_ms(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now); // may be called by a handler (signal-safety(7))
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void on_stop(int number) {
  int none = 0;
  if (atomic_compare_exchange_strong(&first_signal, &none, number)) {
    atomic_store(&first_signal_ms, now_ms());
    return;
  }

  long long since_ms = atomic_load(&first_signal_ms);
  if (since_ms == 0 || now_ms() - since_ms < ONE_REQUEST_MS)
    return;
  // The second request ends the program at once.
  signal(number, SIG_DFL);
  raise(number);
}

static void on_quit(int number) {
  (void)number;
  atomic_store(&is_asked, true);
}

static void on_nothing(int number) { (void)number; }

static void catch(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void bundlecopy_catch_signals(void) {
  struct sigaction found;
  catch(SIGINT, on_stop);
  catch(SIGTERM, on_stop);
  // nohup(1)
  if (sigaction(SIGHUP, NULL, &found) != 0 || found.sa_handler != SIG_IGN)
    catch(SIGHUP, on_stop);
  catch(SIGQUIT, on_quit);
  catch(SIGXFSZ, on_nothing);
  catch(SIGIO, on_nothing);
}

// The first signal that asks to stop; 0 for none.
int bundlecopy_first_signal(void) { return atomic_load(&first_signal); }

// Whether a signal has asked what the copy does, since the last call.
int bundlecopy_take_question(void) { return atomic_exchange(&is_asked, false); }

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

int __wrap_main(int argc, char **argv) {
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
