// What the FUSE servers of the tests have in common (fuse(4)): mounting, reading requests, replies, and commands on
// standard input, each answered with one line on standard output.
//
// A server defines SERVER_NAME and includes this once.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 4096, MAX_WRITE = 1 << 20 };

static int device = -1;
static unsigned mount_user; // another one than root: all users may see the files (allow_other)

static void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", SERVER_NAME, what, strerror(errno));
  exit(1);
}

static void reply(uint64_t unique, int error, const void *data, size_t size) {
  static char out[sizeof(struct fuse_out_header) + MAX_WRITE];
  struct fuse_out_header header = {.len = (uint32_t)(sizeof header + size), .error = -error, .unique = unique};
  memcpy(out, &header, sizeof header);
  if (size > 0)
    memcpy(out + sizeof header, data, size);
  // The kernel gives up requests that were interrupted (ENOENT).
  if (write(device, out, sizeof header + size) < 0 && errno != ENOENT)
    fail("answering the kernel");
}

// Mounts the filesystem, and serves requests and commands until the end of input or of the mount.
static void serve(const char *point, void (*answer)(const char *request, size_t length),
                  void (*obey)(const char *command)) {
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (device < 0)
    fail("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=0%s", device, mount_user,
           mount_user == 0 ? "" : ",allow_other");
  if (mount(SERVER_NAME, point, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
    fail("mount");
  puts("ready");
  fflush(stdout);

  static char request[MAX_WRITE + 2 * BLOCK];
  char command[512];
  struct pollfd polled[] = {{.fd = device, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  while (poll(polled, 2, -1) >= 0 || errno == EINTR) {
    if (polled[0].revents != 0) {
      ssize_t length = read(device, request, sizeof request);
      if (length > 0)
        answer(request, (size_t)length);
      else if (length < 0 && errno == ENODEV)
        return; // the mount is gone
      else if (length < 0 && errno != EAGAIN && errno != EINTR && errno != ENOENT)
        fail("reading requests");
    }
    if (polled[1].revents != 0) {
      // One line in one read: the test writes a line and waits for its answer.
      ssize_t length = read(STDIN_FILENO, command, sizeof command - 1);
      if (length <= 0)
        break;
      command[length] = 0;
      obey(command);
      fflush(stdout);
    }
  }
  umount2(point, MNT_DETACH); // the kernel ends requests without an answer when the device is closed
}
