/* Uses the header and every function of it with a pedantic C99 compiler. */
#include "c_api/c99.h"

#include <edgebin/edgebin.h>
#include <stdio.h>
#include <stdlib.h>

static edgebin_status run_both_ways(const edgebin_model* model, const unsigned char* image,
                                    size_t bytes, float* output, size_t elements) {
  float* outputs[1];
  edgebin_status status = edgebin_run(model, image, bytes, output, elements);
  if (status != EDGEBIN_OK) return status;
  outputs[0] = output;
  return edgebin_run_outputs(model, image, bytes, outputs, &elements, 1);
}

static edgebin_status run_as_tensors(const edgebin_model* model, unsigned char* image, size_t bytes,
                                     float* output, size_t elements) {
  edgebin_tensor input = {0};
  edgebin_tensor result = {0};
  input.size = sizeof input;
  input.data = image;
  input.bytes = bytes;
  input.type = EDGEBIN_TYPE_U8;
  result.size = sizeof result;
  result.data = output;
  result.bytes = elements * sizeof *output;
  result.type = EDGEBIN_TYPE_F32;
  return edgebin_run_tensors(model, &input, 1, &result, 1);
}

static edgebin_status run_zeros(const edgebin_model* model, size_t* elements) {
  edgebin_info info = {0};
  edgebin_value input = {0};
  edgebin_value output = {0};
  unsigned char* image = NULL;
  float* scores = NULL;
  edgebin_status status = EDGEBIN_OK;
  info.size = sizeof info;
  input.size = sizeof input;
  output.size = sizeof output;
  if ((status = edgebin_verify(model)) != EDGEBIN_OK) return status;
  if ((status = edgebin_get_info(model, &info)) != EDGEBIN_OK) return status;
  if ((status = edgebin_get_input(model, &input)) != EDGEBIN_OK) return status;
  if ((status = edgebin_get_input_at(model, 0, &input)) != EDGEBIN_OK) return status;
  if ((status = edgebin_get_output(model, 0, &output)) != EDGEBIN_OK) return status;
  image = (unsigned char*)calloc(input.elements, 1);
  scores = (float*)calloc(output.elements, sizeof *scores);
  if (image != NULL && scores != NULL && edgebin_label(model, info.label_count) == NULL) {
    status = run_both_ways(model, image, input.elements, scores, output.elements);
    if (status == EDGEBIN_OK) {
      status = run_as_tensors(model, image, input.elements, scores, output.elements);
    }
  } else {
    status = EDGEBIN_ERROR_MEMORY;
  }
  free(image);
  free(scores);
  *elements = output.elements;
  return status;
}

long elements_from_c(const char* path) {
  edgebin_options options = {0};
  edgebin_model* model = NULL;
  size_t elements = 0;
  edgebin_status status = EDGEBIN_OK;
  options.size = sizeof options;
  options.isa = edgebin_isa_name(edgebin_isa_count() - 1);
  if (edgebin_abi_version() != EDGEBIN_ABI_VERSION || edgebin_version()[0] == '\0') return -1;
  status = edgebin_load(path, &options, &model);
  if (status == EDGEBIN_OK) status = run_zeros(model, &elements);
  edgebin_free(model);
  if (status != EDGEBIN_OK) {
    fprintf(stderr, "%s\n", edgebin_last_error());
    return -1;
  }
  return (long)elements;
}
