// What ./dlac shell and ./dlac run know without an import. Plain jshell takes the same file with --startup.
import java.io.*;
import java.math.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
import org.dlaclab.data.*;
import org.dlaclab.error.*;
import org.dlaclab.grid.*;
import org.dlaclab.network.*;
import org.dlaclab.operand.*;
import org.dlaclab.quant.*;
import org.dlaclab.result.*;
import org.dlaclab.tensor.*;
import org.dlaclab.unit.*;
import tech.tablesaw.api.*;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.kernel.Jupyter.*;
