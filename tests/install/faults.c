/* Prints the line that the C interface has for a fault, for test_messages.py.
 *
 *   faults MODEL.ebn IMAGES [ISA] [THREADS] [ARENA]
 *
 * Loads the model, runs the bytes of the file IMAGES through it and verifies it; the first of these
 * that fails is printed. "" and 0 leave an option at its default.
 */
#include <edgebin/edgebin.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned char images[1 << 16];
static float scores[1 << 16];

static int print_error(void) {
  puts(edgebin_last_error());
  return 0;
}

int main(int count, char** words) {
  edgebin_options options = {.size = sizeof options};
  edgebin_value output = {.size = sizeof output};
  edgebin_model* model = NULL;
  FILE* file = NULL;
  size_t bytes = 0;
  if (count != 6) return 1;
  options.isa = words[3][0] == '\0' ? NULL : words[3];
  options.threads = atoi(words[4]);
  options.max_arena_bytes = strtoull(words[5], NULL, 10);
  if (edgebin_load(words[1], &options, &model) != EDGEBIN_OK) return print_error();
  file = fopen(words[2], "rb");
  if (file == NULL) return 1;
  bytes = fread(images, 1, sizeof images, file);
  fclose(file);
  edgebin_get_output(model, 0, &output);
  if (edgebin_run(model, images, bytes, scores, output.elements) != EDGEBIN_OK) {
    return print_error();
  }
  if (edgebin_verify(model) != EDGEBIN_OK) return print_error();
  edgebin_free(model);
  return 1;
}
