const token = /@REGEX@/g;
const mask = (text) => text.replace(token, (_, whole, __, before) => (whole ?? before) + "@MASK@");
