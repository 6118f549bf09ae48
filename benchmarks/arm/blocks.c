// A plugin of qemu's user mode: counts how often each block of instructions runs.
//
// At the program's end it writes a line for each block: its address, how often it ran (of blocks
// that were translated more than once the sum) and its instructions, all in hexadecimal but the
// count. It knows no names of functions and judges nothing.
//
//   qemu-aarch64 -plugin blocks.so,out=FILE program ...
//
// QEMU's plugin interface, version 1, is declared here as far as it is used: Debian has no package
// of its header.
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;

enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*translated)(qemu_plugin_id_t id,
                                                              struct qemu_plugin_tb* block));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* block, enum qemu_plugin_op op,
                                              void* counter, uint64_t added);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                    void (*ended)(qemu_plugin_id_t id, void* data), void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* block);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block, size_t index);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* instruction);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

enum { kInstructionBytes = 4, kBuckets = 1 << 12 };

struct Block {
  struct Block* next;
  uint64_t address;
  uint64_t count;
  size_t bytes;
  uint8_t code[];
};

static struct Block* buckets[kBuckets];
static const char* path;

static struct Block* make_block(const struct qemu_plugin_tb* tb, uint64_t address, size_t bytes) {
  struct Block* const block = calloc(1, sizeof *block + bytes);
  if (block == NULL) abort();
  block->address = address;
  block->bytes = bytes;
  for (size_t i = 0; i < bytes / kInstructionBytes; ++i) {
    const void* const instruction = qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i));
    memcpy(block->code + i * kInstructionBytes, instruction, kInstructionBytes);
  }
  return block;
}

static void count_block(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(tb);
  const size_t bytes = qemu_plugin_tb_n_insns(tb) * kInstructionBytes;
  struct Block** const bucket = &buckets[address / kInstructionBytes % kBuckets];
  struct Block* block = *bucket;
  while (block != NULL && (block->address != address || block->bytes != bytes)) block = block->next;
  if (block == NULL) {
    block = make_block(tb, address, bytes);
    block->next = *bucket;
    *bucket = block;
  }
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->count, 1);
}

static void write_counts(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  FILE* const file = fopen(path, "w");
  if (file == NULL) return;
  for (size_t i = 0; i < kBuckets; ++i) {
    for (const struct Block* block = buckets[i]; block != NULL; block = block->next) {
      fprintf(file, "%" PRIx64 " %" PRIu64 " ", block->address, block->count);
      for (size_t k = 0; k < block->bytes; ++k) fprintf(file, "%02x", block->code[k]);
      fputc('\n', file);
    }
  }
  fclose(file);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc,
                                 char** argv) {
  (void)info;
  if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) return 1;
  path = argv[0] + 4;
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
  qemu_plugin_register_atexit_cb(id, write_counts, NULL);
  return 0;
}
