// The text of `edgebin-run --help`.
#include "cli/arguments.h"

namespace edgebin::cli {

std::string_view help() {
  return R"(Usage: edgebin-run run MODEL.ebn IMAGE...   classify images
       edgebin-run inspect MODEL.ebn        show what a model is
       edgebin-run bench MODEL.ebn          measure latency and memory
       edgebin-run verify MODEL.ebn         prove that this machine computes it
                                            bit for bit
       edgebin-run MODEL.ebn IMAGE...       the same as run

An IMAGE is a binary PPM or PGM file (P6, P5) of any size, which is resized and
converted exactly as `edgebin run` does it; or a raw tensor, which holds the
elements of the network's input. PNG and JPEG are not supported: convert them,
for example with
  convert photo.jpg -auto-orient photo.ppm    (ImageMagick)

All commands:
  --threads N     threads that one run uses; results do not depend on it
                  (default 1)
  --isa NAME      instruction set; by default the best of this machine
  --json          print one JSON document, with the keys of `edgebin`
run:
  --top N         classes to show for each image (default 5)
  --raw           read every IMAGE as a raw tensor, whatever it looks like
  --output FILE   do not classify, but write the network's outputs to FILE:
                  float32 in this machine's byte order, image after image; or
                  NAME.npy, an array of numpy's, of a network of one output
  --input NAME=FILE
                  with --output, and once for each input of the network: the
                  elements of one or more images, or FILE.npy, instead of
                  IMAGE...
bench:
  --seconds S     measure for at least so long (default 1)
  --runs N        exactly so many timed calls, instead of --seconds
  --warmup N      untimed calls after the first; by default until times are
                  stable
  --batch N       images in a call (default 1)
  --pin           keep every thread on its own core
  --profile       also time every step, one image at a time
verify:
  Tries every instruction set, conv algorithm and number of threads, or those
  that --isa and --threads name. Exit code 1 says that a layer differs, and the
  output names it.
Other:
  --version       print the version and the instruction sets
  --help          print this help

Invalid input ends in one line on standard error and exit code 2.
)";
}

}  // namespace edgebin::cli
