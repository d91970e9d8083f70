"""What the office may know of its service as a whole (统计): counts, rates, waiting times; of nobody in particular."""
