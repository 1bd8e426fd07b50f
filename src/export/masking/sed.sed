s/@REGEX@/\1\3@MASK@/g
