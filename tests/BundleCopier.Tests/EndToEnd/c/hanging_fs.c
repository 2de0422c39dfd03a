// A filesystem that stops answering: a FUSE server (fuse(4)) that shows another directory, and keeps the requests that
// a test names.
//
// Usage: hanging_fs DIRECTORY MOUNTPOINT [USER]       as if the user with this number had mounted it
//
// Commands on standard input, each answered with one line on standard output:
//   hang OP NAME   keeps requests of this kind (lookup, getattr, open, read, write, fsync, mkdir, create, rename) for
//                  the file or directory NAME; "*" for all. Answer: "hanging"
//   held           Answer: "held N": how many requests have been kept so far
//   endless DIR    the directory DIR has names without an end, of which none exists. Answer: "endless"
//   thaw           answers all that it kept, as if they had come just now, and keeps no more. Answer: "thawed"
// A kept request of a process that is killed ends (FUSE_INTERRUPT), as with any server that heeds it. At the end of
// input it answers all, removes its mount and ends.
#define SERVER_NAME "hanging_fs"
#include "fuse_server.h"
#include <dirent.h>
#include <sys/statfs.h>

enum { MAX_NODES = 4096, MAX_PATH = 1024 };

struct kept {
  struct kept *next;
  size_t length;
  char request[];
};

static int root = -1;
static char *paths[MAX_NODES]; // by node; relative to the root
static uint64_t node_count = 2;
static char hang_op[16], hang_name[256], endless[256];
static struct kept *kept;
static unsigned long long held;

static void done(uint64_t unique, int result) { reply(unique, result < 0 ? errno : 0, NULL, 0); }

static const char *path_of(uint64_t node) { return node < node_count && paths[node] ? paths[node] : "gone"; }

static void join(char *path, uint64_t parent, const char *name) {
  const char *above = path_of(parent);
  snprintf(path, MAX_PATH, "%s%s%s", strcmp(above, ".") == 0 ? "" : above, strcmp(above, ".") == 0 ? "" : "/", name);
}

static uint64_t node_of(const char *path) {
  for (uint64_t i = 1; i < node_count; i++)
    if (paths[i] && strcmp(paths[i], path) == 0)
      return i;
  if (node_count == MAX_NODES)
    return 0;
  paths[node_count] = strdup(path);
  return node_count++;
}

static struct fuse_attr attributes(uint64_t node, const struct stat *s) {
  return (struct fuse_attr){
      .ino = node,
      .size = (uint64_t)s->st_size,
      .blocks = (uint64_t)s->st_blocks,
      .atime = (uint64_t)s->st_atim.tv_sec,
      .mtime = (uint64_t)s->st_mtim.tv_sec,
      .ctime = (uint64_t)s->st_ctim.tv_sec,
      .atimensec = (uint32_t)s->st_atim.tv_nsec,
      .mtimensec = (uint32_t)s->st_mtim.tv_nsec,
      .ctimensec = (uint32_t)s->st_ctim.tv_nsec,
      .mode = s->st_mode,
      .nlink = (uint32_t)s->st_nlink,
      .uid = s->st_uid,
      .gid = s->st_gid,
      .blksize = BLOCK,
  };
}

static bool entry(const char *path, struct fuse_entry_out *out) {
  struct stat s;
  if (fstatat(root, path, &s, AT_SYMLINK_NOFOLLOW) < 0)
    return false;
  *out = (struct fuse_entry_out){.nodeid = node_of(path)};
  out->attr = attributes(out->nodeid, &s);
  return true;
}

static void answer_entry(uint64_t unique, const char *path) {
  struct fuse_entry_out out;
  if (entry(path, &out))
    reply(unique, 0, &out, sizeof out);
  else
    reply(unique, errno, NULL, 0);
}

static void answer_attr(uint64_t unique, uint64_t node) {
  struct stat s;
  if (fstatat(root, path_of(node), &s, AT_SYMLINK_NOFOLLOW) < 0) {
    reply(unique, errno, NULL, 0);
    return;
  }
  struct fuse_attr_out out = {.attr = attributes(node, &s)};
  reply(unique, 0, &out, sizeof out);
}

static void answer_open(uint64_t unique, uint64_t node, uint32_t flags) {
  uint32_t kept = flags & ~(uint32_t)(O_DIRECT | O_CREAT | O_EXCL | O_NOFOLLOW);
  int fd = openat(root, path_of(node), (int)kept | O_CLOEXEC);
  if (fd < 0) {
    reply(unique, errno, NULL, 0);
    return;
  }
  struct fuse_open_out out = {.fh = (uint64_t)fd, .open_flags = FOPEN_DIRECT_IO};
  reply(unique, 0, &out, sizeof out);
}

static void answer_create(uint64_t unique, uint64_t parent, const struct fuse_create_in *in, const char *name) {
  char path[MAX_PATH];
  join(path, parent, name);
  int fd = openat(root, path, (int)(in->flags & ~(uint32_t)O_DIRECT) | O_CREAT | O_CLOEXEC, in->mode & 07777);
  struct {
    struct fuse_entry_out entry;
    struct fuse_open_out open;
  } out = {0};
  if (fd < 0 || !entry(path, &out.entry)) {
    reply(unique, errno, NULL, 0);
    return;
  }
  out.open = (struct fuse_open_out){.fh = (uint64_t)fd, .open_flags = FOPEN_DIRECT_IO};
  reply(unique, 0, &out, sizeof out);
}

static void answer_rename(uint64_t unique, uint64_t from, uint64_t to, unsigned flags, const char *names) {
  char old_path[MAX_PATH], new_path[MAX_PATH];
  join(old_path, from, names);
  join(new_path, to, names + strlen(names) + 1);
  if (renameat2(root, old_path, root, new_path, flags) < 0) {
    reply(unique, errno, NULL, 0);
    return;
  }
  size_t length = strlen(old_path);
  for (uint64_t i = 1; i < node_count; i++) {
    if (!paths[i] || strncmp(paths[i], old_path, length) != 0 || (paths[i][length] != 0 && paths[i][length] != '/'))
      continue;
    char moved[2 * MAX_PATH];
    snprintf(moved, sizeof moved, "%s%s", new_path, paths[i] + length);
    free(paths[i]);
    paths[i] = strdup(moved);
  }
  reply(unique, 0, NULL, 0);
}

static void answer_endless(uint64_t unique, const struct fuse_read_in *in) {
  static char data[BLOCK];
  size_t used = 0;
  for (uint64_t at = in->offset + 1;; at++) {
    char name[32];
    size_t length = (size_t)snprintf(name, sizeof name, "n%llu", (unsigned long long)at);
    size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
    if (used + size > in->size || used + size > sizeof data)
      break;
    struct fuse_dirent *out = (void *)(data + used);
    memset(out, 0, size);
    out->ino = MAX_NODES, out->off = at, out->namelen = (uint32_t)length, out->type = DT_REG;
    memcpy(out->name, name, length);
    used += size;
  }
  reply(unique, 0, data, used);
}

static void answer_readdir(uint64_t unique, uint64_t node, const struct fuse_read_in *in) {
  static char data[MAX_WRITE];
  size_t used = 0;
  int fd = openat(root, path_of(node), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (!directory) {
    reply(unique, errno, NULL, 0);
    return;
  }
  uint64_t at = 0;
  for (struct dirent *e; (e = readdir(directory));) {
    if (at++ < in->offset)
      continue;
    size_t length = strlen(e->d_name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
    if (used + size > in->size || used + size > sizeof data)
      break;
    struct fuse_dirent *out = (void *)(data + used);
    memset(out, 0, size);
    out->ino = e->d_ino, out->off = at, out->namelen = (uint32_t)length, out->type = e->d_type;
    memcpy(out->name, e->d_name, length);
    used += size;
  }
  closedir(directory);
  reply(unique, 0, data, used);
}

static void answer_setattr(uint64_t unique, uint64_t node, const struct fuse_setattr_in *in) {
  if ((in->valid & FATTR_SIZE) && ((in->valid & FATTR_FH) ? ftruncate((int)in->fh, (off_t)in->size)
                                                           : truncate(path_of(node), (off_t)in->size)) < 0) {
    reply(unique, errno, NULL, 0);
    return;
  }
  if (in->valid & FATTR_MODE)
    (void)!fchmodat(root, path_of(node), in->mode & 07777, 0);
  answer_attr(unique, node);
}

static const char *op_name(uint32_t opcode) {
  switch (opcode) {
  case FUSE_LOOKUP: return "lookup";
  case FUSE_GETATTR: return "getattr";
  case FUSE_OPEN: return "open";
  case FUSE_READ: return "read";
  case FUSE_WRITE: return "write";
  case FUSE_FSYNC:
  case FUSE_FSYNCDIR: return "fsync";
  case FUSE_MKDIR: return "mkdir";
  case FUSE_CREATE: return "create";
  case FUSE_RENAME:
  case FUSE_RENAME2: return "rename";
  default: return "";
  }
}

static bool must_keep(const struct fuse_in_header *in, const char *body) {
  if (hang_op[0] == 0 || strcmp(op_name(in->opcode), hang_op) != 0)
    return false;
  const char *name = path_of(in->nodeid);
  if (in->opcode == FUSE_LOOKUP)
    name = body;
  else if (in->opcode == FUSE_MKDIR)
    name = body + sizeof(struct fuse_mkdir_in);
  else if (in->opcode == FUSE_CREATE)
    name = body + sizeof(struct fuse_create_in);
  const char *last = strrchr(name, '/');
  return strcmp(hang_name, "*") == 0 || strcmp(hang_name, last ? last + 1 : name) == 0;
}

static void keep(const char *request, size_t length) {
  struct kept *k = malloc(sizeof *k + length);
  if (!k)
    fail("keeping a request");
  k->next = kept, k->length = length;
  memcpy(k->request, request, length);
  kept = k;
  held++;
}

static void interrupt(uint64_t unique) {
  for (struct kept **k = &kept; *k; k = &(*k)->next) {
    struct kept *found = *k;
    if (((const struct fuse_in_header *)found->request)->unique != unique)
      continue;
    *k = found->next;
    free(found);
    reply(unique, EINTR, NULL, 0);
    return;
  }
}

static void answer(const char *request, size_t length) {
  const struct fuse_in_header *in = (const void *)request;
  const void *body = request + sizeof *in;
  char path[MAX_PATH];
  if (must_keep(in, body)) {
    keep(request, length);
    return;
  }
  switch (in->opcode) {
  case FUSE_INIT: {
    const struct fuse_init_in *init = body;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = init->minor < FUSE_KERNEL_MINOR_VERSION ? init->minor : FUSE_KERNEL_MINOR_VERSION,
        .max_readahead = init->max_readahead,
        .flags = init->flags & (FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_PARALLEL_DIROPS),
        .max_background = 64,
        .congestion_threshold = 48,
        .max_write = MAX_WRITE,
        .max_pages = MAX_WRITE / BLOCK,
        .time_gran = 1,
    };
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_LOOKUP:
    join(path, in->nodeid, body);
    answer_entry(in->unique, path);
    break;
  case FUSE_GETATTR:
    answer_attr(in->unique, in->nodeid);
    break;
  case FUSE_SETATTR:
    answer_setattr(in->unique, in->nodeid, body);
    break;
  case FUSE_MKDIR:
    join(path, in->nodeid, (const char *)body + sizeof(struct fuse_mkdir_in));
    if (mkdirat(root, path, ((const struct fuse_mkdir_in *)body)->mode & 07777) < 0)
      reply(in->unique, errno, NULL, 0);
    else
      answer_entry(in->unique, path);
    break;
  case FUSE_CREATE:
    answer_create(in->unique, in->nodeid, body, (const char *)body + sizeof(struct fuse_create_in));
    break;
  case FUSE_OPEN:
    answer_open(in->unique, in->nodeid, ((const struct fuse_open_in *)body)->flags);
    break;
  case FUSE_READ: {
    static char data[MAX_WRITE];
    const struct fuse_read_in *read_in = body;
    ssize_t count = pread((int)read_in->fh, data, read_in->size, (off_t)read_in->offset);
    reply(in->unique, count < 0 ? errno : 0, data, count < 0 ? 0 : (size_t)count);
    break;
  }
  case FUSE_WRITE: {
    const struct fuse_write_in *write_in = body;
    ssize_t count = pwrite(
        (int)write_in->fh, (const char *)body + sizeof *write_in, write_in->size, (off_t)write_in->offset);
    struct fuse_write_out out = {.size = count < 0 ? 0 : (uint32_t)count};
    reply(in->unique, count < 0 ? errno : 0, &out, count < 0 ? 0 : sizeof out);
    break;
  }
  case FUSE_FSYNC:
    done(in->unique, fsync((int)((const struct fuse_fsync_in *)body)->fh));
    break;
  case FUSE_RENAME:
    answer_rename(in->unique, in->nodeid, ((const struct fuse_rename_in *)body)->newdir, 0,
                  (const char *)body + sizeof(struct fuse_rename_in));
    break;
  case FUSE_RENAME2:
    answer_rename(in->unique, in->nodeid, ((const struct fuse_rename2_in *)body)->newdir,
                  ((const struct fuse_rename2_in *)body)->flags, (const char *)body + sizeof(struct fuse_rename2_in));
    break;
  case FUSE_UNLINK:
  case FUSE_RMDIR:
    join(path, in->nodeid, body);
    done(in->unique, unlinkat(root, path, in->opcode == FUSE_RMDIR ? AT_REMOVEDIR : 0));
    break;
  case FUSE_READDIR:
    if (strcmp(path_of(in->nodeid), endless) == 0)
      answer_endless(in->unique, body);
    else
      answer_readdir(in->unique, in->nodeid, body);
    break;
  case FUSE_OPENDIR: {
    struct fuse_open_out out = {0};
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_RELEASE:
    close((int)((const struct fuse_release_in *)body)->fh);
    reply(in->unique, 0, NULL, 0);
    break;
  case FUSE_FSYNCDIR:
  case FUSE_FLUSH:
  case FUSE_RELEASEDIR:
  case FUSE_DESTROY:
    reply(in->unique, 0, NULL, 0);
    break;
  case FUSE_STATFS: {
    struct statfs s;
    fstatfs(root, &s);
    struct fuse_statfs_out out = {.st = {.bsize = BLOCK, .frsize = BLOCK, .namelen = 255, .blocks = 1 << 20,
                                         .bfree = 1 << 20, .bavail = 1 << 20, .files = 1 << 20, .ffree = 1 << 20}};
    reply(in->unique, 0, &out, sizeof out);
    break;
  }
  case FUSE_INTERRUPT:
    interrupt(((const struct fuse_interrupt_in *)body)->unique);
    break;
  case FUSE_FORGET: // these have no answer
  case FUSE_BATCH_FORGET:
    break;
  default:
    reply(in->unique, ENOSYS, NULL, 0);
  }
}

static void thaw(void) {
  hang_op[0] = 0;
  while (kept) {
    struct kept *first = kept;
    kept = first->next;
    answer(first->request, first->length);
    free(first);
  }
}

static void obey(const char *command) {
  if (sscanf(command, "hang %15s %255s", hang_op, hang_name) == 2) {
    puts("hanging");
  } else if (sscanf(command, "endless %255s", endless) == 1) {
    puts("endless");
  } else if (strncmp(command, "held", 4) == 0) {
    printf("held %llu\n", held);
  } else if (strncmp(command, "thaw", 4) == 0) {
    thaw();
    puts("thawed");
  } else {
    puts("unknown command");
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: hanging_fs DIRECTORY MOUNTPOINT [USER]\n");
    return 2;
  }
  if (argc > 3)
    mount_user = (unsigned)strtoul(argv[3], NULL, 10);
  paths[FUSE_ROOT_ID] = strdup(".");
  root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 || chdir(argv[1]) < 0)
    fail(argv[1]);
  umask(0);
  serve(argv[2], answer, obey);
  return 0;
}
