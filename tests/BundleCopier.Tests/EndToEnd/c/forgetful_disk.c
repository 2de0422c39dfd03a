// A disk that forgets what was not flushed: a FUSE server (fuse(4)) for one file, "disk", which a test puts under a
// loop device.
//
// Usage: forgetful_disk IMAGE MOUNTPOINT
//
// A write is kept in memory, and goes to IMAGE only with the next fsync, which is what a loop device makes of a flush.
// A cut is the end of power: IMAGE gets a random part of what was not flushed, in blocks of 4 KiB, in any order, and
// every later request fails with EIO. So IMAGE is what a disk can hold after a power cut.
//
// Commands on standard input, each answered with one line on standard output:
//   arm N SEED   cuts at the Nth write or flush from now on; 0: never. Answer: "armed"
//   cut SEED     cuts now, if no cut was made yet. Answer: "cut LOST KEPT", in blocks that were not flushed
//   slow MS      answers each write so many milliseconds later from now on. Answer: "slow"
//   count        Answer: "count N": writes and flushes since the last arm
// At the end of input it removes its mount and ends.
#define SERVER_NAME "forgetful_disk"
#include "fuse_server.h"
#include <stddef.h>

enum { ROOT_NODE = 1, DISK_NODE = 2 };

struct pending {
  struct pending *next;
  uint64_t offset;
  uint32_t size;
  char data[];
};

static int image = -1;
static uint64_t image_bytes;
static struct pending *first, **last = &first;
static bool is_cut;
static uint64_t ops, cut_at, cut_seed;
static unsigned slow_ms;
static uint64_t lost, kept;

static uint64_t next_random(uint64_t *state) { // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void store(const char *data, size_t size, uint64_t offset) {
  while (size > 0) {
    ssize_t count = pwrite(image, data, size, (off_t)offset);
    if (count <= 0)
      fail("writing the image");
    data += count, size -= (size_t)count, offset += (uint64_t)count;
  }
}

static void forget_all(void) {
  while (first) {
    struct pending *gone = first;
    first = gone->next;
    free(gone);
  }
  last = &first;
}

static void flush_all(void) {
  for (struct pending *p = first; p; p = p->next)
    store(p->data, p->size, p->offset);
  forget_all();
}

// How many of a hundred blocks reach the disk: none of them, all of them, or some.
static void cut(uint64_t seed) {
  if (is_cut)
    return;
  static const unsigned shares[] = {0, 0, 50, 90, 10, 100};
  uint64_t state = seed;
  unsigned share = shares[next_random(&state) % (sizeof shares / sizeof *shares)];
  for (struct pending *p = first; p; p = p->next) {
    for (uint32_t at = 0; at < p->size;) {
      uint32_t length = BLOCK - (uint32_t)((p->offset + at) % BLOCK);
      if (length > p->size - at)
        length = p->size - at;
      if (next_random(&state) % 100 < share) {
        store(p->data + at, length, p->offset + at);
        kept++;
      } else {
        lost++;
      }
      at += length;
    }
  }
  forget_all();
  is_cut = true;
}

static void count_op(void) {
  ops++;
  if (cut_at != 0 && ops == cut_at)
    cut(cut_seed);
}

static struct fuse_attr attributes(uint64_t node) {
  struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = BLOCK};
  attr.mode = node == DISK_NODE ? S_IFREG | 0600 : S_IFDIR | 0700;
  attr.size = node == DISK_NODE ? image_bytes : 0;
  attr.blocks = attr.size / 512;
  return attr;
}

static void answer_init(uint64_t unique, const struct fuse_init_in *in) {
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION,
      .minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION,
      .max_readahead = in->max_readahead,
      .flags = in->flags & (FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_ASYNC_READ),
      .max_background = 64,
      .congestion_threshold = 48,
      .max_write = MAX_WRITE,
      .max_pages = MAX_WRITE / BLOCK,
      .time_gran = 1,
  };
  reply(unique, 0, &out, sizeof out);
}

static void answer_lookup(uint64_t unique, const char *name) {
  if (strcmp(name, "disk") != 0) {
    reply(unique, ENOENT, NULL, 0);
    return;
  }
  struct fuse_entry_out out = {.nodeid = DISK_NODE, .entry_valid = 3600, .attr_valid = 3600};
  out.attr = attributes(DISK_NODE);
  reply(unique, 0, &out, sizeof out);
}

static void answer_read(uint64_t unique, const struct fuse_read_in *in) {
  static char data[MAX_WRITE];
  if (is_cut) {
    reply(unique, EIO, NULL, 0);
    return;
  }
  size_t size = in->size < sizeof data ? in->size : sizeof data;
  if (in->offset >= image_bytes)
    size = 0;
  else if (size > image_bytes - in->offset)
    size = image_bytes - in->offset;
  memset(data, 0, size);
  if (pread(image, data, size, (off_t)in->offset) < 0)
    fail("reading the image");
  for (struct pending *p = first; p; p = p->next) { // what was written, but not flushed
    uint64_t start = p->offset > in->offset ? p->offset : in->offset;
    uint64_t end = p->offset + p->size < in->offset + size ? p->offset + p->size : in->offset + size;
    if (start < end)
      memcpy(data + (start - in->offset), p->data + (start - p->offset), end - start);
  }
  reply(unique, 0, data, size);
}

static void answer_write(uint64_t unique, const struct fuse_write_in *in, const char *data) {
  count_op();
  usleep(slow_ms * 1000);
  if (is_cut || in->offset + in->size > image_bytes) {
    reply(unique, EIO, NULL, 0);
    return;
  }
  struct pending *p = malloc(sizeof *p + in->size);
  if (!p)
    fail("keeping a write");
  p->next = NULL, p->offset = in->offset, p->size = in->size;
  memcpy(p->data, data, in->size);
  *last = p;
  last = &p->next;
  struct fuse_write_out out = {.size = in->size};
  reply(unique, 0, &out, sizeof out);
}

static void answer_sync(uint64_t unique) {
  count_op();
  if (!is_cut)
    flush_all();
  reply(unique, is_cut ? EIO : 0, NULL, 0);
}

static void answer(const char *request, size_t length) {
  (void)length;
  const struct fuse_in_header *in = (const void *)request;
  const void *body = request + sizeof *in;
  switch (in->opcode) {
  case FUSE_INIT:
    answer_init(in->unique, body);
    break;
  case FUSE_LOOKUP:
    answer_lookup(in->unique, body);
    break;
  case FUSE_GETATTR: {
    struct fuse_attr_out out = {.attr_valid = 3600, .attr = attributes(in->nodeid)};
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_OPEN: {
    // No page cache: the kernel must not remember what the disk forgets.
    struct fuse_open_out out = {.fh = 1, .open_flags = FOPEN_DIRECT_IO};
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_READ:
    answer_read(in->unique, body);
    break;
  case FUSE_WRITE:
    answer_write(in->unique, body, (const char *)body + sizeof(struct fuse_write_in));
    break;
  case FUSE_FSYNC:
    answer_sync(in->unique);
    break;
  case FUSE_FLUSH: // close(2); it promises nothing
  case FUSE_RELEASE:
  case FUSE_DESTROY:
    reply(in->unique, 0, NULL, 0);
    break;
  case FUSE_STATFS: {
    struct fuse_statfs_out out = {.st = {.bsize = BLOCK, .frsize = BLOCK, .namelen = 255}};
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_FORGET: // these have no answer
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT:
    break;
  default:
    reply(in->unique, ENOSYS, NULL, 0);
  }
}

static void obey(const char *command) {
  unsigned long long number, seed;
  if (sscanf(command, "arm %llu %llu", &number, &seed) == 2) {
    ops = 0, cut_at = number, cut_seed = seed;
    puts("armed");
  } else if (sscanf(command, "cut %llu", &seed) == 1) {
    cut(seed);
    printf("cut %llu %llu\n", (unsigned long long)lost, (unsigned long long)kept);
  } else if (sscanf(command, "slow %llu", &number) == 1) {
    slow_ms = (unsigned)number;
    puts("slow");
  } else if (strncmp(command, "count", 5) == 0) {
    printf("count %llu\n", (unsigned long long)ops);
  } else {
    printf("unknown command\n");
  }
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: forgetful_disk IMAGE MOUNTPOINT\n");
    return 2;
  }
  struct stat status;
  image = open(argv[1], O_RDWR | O_CLOEXEC);
  if (image < 0 || fstat(image, &status) < 0)
    fail(argv[1]);
  image_bytes = (uint64_t)status.st_size;
  serve(argv[2], answer, obey);
  return 0;
}
