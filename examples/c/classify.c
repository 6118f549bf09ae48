/* Classifies one image with an installed edgebin: prints the best classes and their scores.
 *
 *   classify MODEL.ebn IMAGE [K]
 *
 * IMAGE is a raw tensor, just the bytes of the network's input, or, for networks of RGB or grey
 * images, a binary PPM or PGM file of just its size: this program resizes nothing (edgebin-run
 * does).
 */
#include <edgebin/edgebin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int complain(const char* what) {
  fprintf(stderr, "classify: error: %s\n", what);
  return 2;
}

/* Skips the header of a PPM or PGM file of these sides, or nothing where there is none. */
static int skip_header(FILE* file, const edgebin_value* input) {
  int width = 0;
  int height = 0;
  int largest = 0;
  char kind = 0;
  if (fscanf(file, "P%c %d %d %d", &kind, &width, &height, &largest) != 4) {
    rewind(file);
    return 1;
  }
  fgetc(file);
  return width == input->width && height == input->height && largest == 255 &&
         (kind == '6' ? 3 : 1) == input->channels;
}

/* The input's bytes, which are the caller's to free, or null. */
static unsigned char* read_image(const char* path, const edgebin_value* input) {
  FILE* file = fopen(path, "rb");
  unsigned char* pixels = malloc(input->elements);
  const int whole = file != NULL && pixels != NULL && skip_header(file, input) &&
                    fread(pixels, 1, input->elements, file) == input->elements &&
                    fgetc(file) == EOF;
  if (file != NULL) fclose(file);
  if (whole) return pixels;
  free(pixels);
  return NULL;
}

/* Scores become probabilities. */
static void softmax(float* scores, size_t count) {
  float largest = scores[0];
  float total = 0;
  size_t i;
  for (i = 1; i < count; ++i) largest = scores[i] > largest ? scores[i] : largest;
  for (i = 0; i < count; ++i) total += scores[i] = expf(scores[i] - largest);
  for (i = 0; i < count; ++i) scores[i] /= total;
}

static void print_best(const edgebin_model* model, float* scores, size_t count, size_t wanted) {
  for (; wanted > 0; --wanted) {
    size_t best = 0;
    size_t i;
    for (i = 1; i < count; ++i) best = scores[i] > scores[best] ? i : best;
    if (scores[best] < 0) return; /* all have been printed */
    if (edgebin_label(model, best) != NULL) {
      printf("%s %.4f\n", edgebin_label(model, best), (double)scores[best]);
    } else {
      printf("%lu %.4f\n", (unsigned long)best, (double)scores[best]);
    }
    scores[best] = -1;
  }
}

static int classify(const edgebin_model* model, const char* path, size_t wanted) {
  edgebin_value input = {.size = sizeof input};
  edgebin_value output = {.size = sizeof output};
  unsigned char* pixels = NULL;
  float* scores = NULL;
  int code = 0;
  if (edgebin_get_input(model, &input) != EDGEBIN_OK ||
      edgebin_get_output(model, 0, &output) != EDGEBIN_OK) {
    return complain(edgebin_last_error());
  }
  pixels = read_image(path, &input);
  scores = malloc(output.elements * sizeof *scores);
  if (pixels == NULL || scores == NULL) {
    code = complain("the image cannot be read, or does not have the size of the input");
  } else if (edgebin_run(model, pixels, input.elements, scores, output.elements) != EDGEBIN_OK) {
    code = complain(edgebin_last_error());
  } else {
    if (!output.probabilities) softmax(scores, output.elements);
    print_best(model, scores, output.elements, wanted);
  }
  free(pixels);
  free(scores);
  return code;
}

int main(int count, char** words) {
  edgebin_model* model = NULL;
  int code = 0;
  if (count < 3) return complain("expected MODEL.ebn IMAGE [K]");
  if (edgebin_abi_version() != EDGEBIN_ABI_VERSION) return complain("another edgebin is installed");
  if (edgebin_load(words[1], NULL, &model) != EDGEBIN_OK) return complain(edgebin_last_error());
  code = classify(model, words[2], count > 3 ? strtoul(words[3], NULL, 10) : 5);
  edgebin_free(model);
  return code;
}
