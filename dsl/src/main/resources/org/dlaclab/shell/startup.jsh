// What `./dlac shell` and `./dlac run` know without an import. Plain jshell takes the same file: --startup startup.jsh
import java.io.*;
import java.math.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
import tech.tablesaw.api.*;
