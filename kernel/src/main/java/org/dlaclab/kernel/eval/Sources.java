package org.dlaclab.kernel.eval;

import com.sun.source.tree.AnnotatedTypeTree;
import com.sun.source.tree.ArrayTypeTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.ModuleElement;
import javax.lang.model.element.NestingKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.util.ElementFilter;
import javax.tools.DiagnosticCollector;
import javax.tools.StandardJavaFileManager;
import org.dlaclab.kernel.eval.CellCompiler.Sight;
import org.jspecify.annotations.Nullable;

/**
 * Finds the sources of classes, for their documentation and the names of parameters: in source jars
 * beside the jars of the class path, in source folders, and in the JDK's own archive of sources
 * where it is installed.
 */
public final class Sources implements AutoCloseable {
  private static final int KEPT = 64;

  private final List<Root> roots = new ArrayList<>();
  private int version;

  private final Map<String, Optional<Types>> read =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<Types>> eldest) {
          return size() > KEPT;
        }
      };

  private final StandardJavaFileManager files =
      Javac.compiler().getStandardFileManager(null, null, null);

  /** With the JDK's sources, if they are installed. */
  public Sources() {
    Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (Files.isRegularFile(archive)) {
      roots.add(new Archive(archive, true));
    }
  }

  /**
   * Adds where sources are: a source jar, a source folder, a jar of classes with a source jar
   * beside it ({@code x-sources.jar} for {@code x.jar}), or Maven's folder of classes. What has no
   * sources is ignored.
   */
  public synchronized void add(Path jarOrFolder) {
    String name = String.valueOf(jarOrFolder.getFileName());
    Root root = null;
    if (Files.isDirectory(jarOrFolder)) {
      Path maven = jarOrFolder.resolve("../../src/main/java").normalize();
      root = new Folder(jarOrFolder.endsWith("target/classes") ? maven : jarOrFolder);
    } else if (name.endsWith("-sources.jar") && Files.isRegularFile(jarOrFolder)) {
      root = new Archive(jarOrFolder, false);
    } else if (name.endsWith(".jar")) {
      String stem = name.substring(0, name.length() - ".jar".length());
      Path beside = jarOrFolder.resolveSibling(stem + "-sources.jar");
      root = Files.isRegularFile(beside) ? new Archive(beside, false) : null;
    }
    if (root != null && !roots.contains(root)) {
      roots.add(root);
      read.values().removeIf(Optional::isEmpty);
      version++;
    }
  }

  /** Another number after each addition. */
  synchronized int version() {
    return version;
  }

  @Override
  public synchronized void close() throws IOException {
    for (Root root : roots) {
      root.close();
    }
    roots.clear();
    read.clear();
    files.close();
  }

  /**
   * A declaration in a source.
   *
   * @param comment its documentation, empty if it has none
   * @param names of its parameters
   * @param text of the whole declaration
   */
  record Declaration(String comment, List<String> names, String text) {}

  /** The declaration of an element; documentation that a method inherits is filled in. */
  Optional<Declaration> find(Sight sight, Element element) {
    Optional<Declaration> found = own(sight, element);
    if (!(element instanceof ExecutableElement method)
        || element.getKind() != ElementKind.METHOD
        || (found.isPresent()
            && !found.get().comment().isBlank()
            && !Javadoc.inherits(found.get().comment()))) {
      return found;
    }
    String comment = found.map(Declaration::comment).orElse("");
    String inherited = inherited(sight, method);
    String whole =
        comment.isBlank() || inherited.isBlank()
            ? comment + inherited
            : Javadoc.inherit(comment, inherited);
    return found.isEmpty() && whole.isEmpty()
        ? found
        : Optional.of(
            new Declaration(
                whole,
                found.map(Declaration::names).orElse(List.of()),
                found.map(Declaration::text).orElse("")));
  }

  /** The names of a method's parameters as its source has them; none if there is no source. */
  List<String> parameterNames(Sight sight, ExecutableElement method) {
    return own(sight, method).map(Declaration::names).orElse(List.of());
  }

  /** The first documentation among the methods that a method overrides. */
  private String inherited(Sight sight, ExecutableElement method) {
    if (!(method.getEnclosingElement() instanceof TypeElement type)) {
      return "";
    }
    for (TypeMirror parent : sight.types().directSupertypes(type.asType())) {
      String comment = inheritedFrom(sight, method, type, parent);
      if (!comment.isBlank()) {
        return comment;
      }
    }
    return "";
  }

  private String inheritedFrom(
      Sight sight, ExecutableElement method, TypeElement type, TypeMirror parent) {
    if (!(parent instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement parentType)) {
      return "";
    }
    for (ExecutableElement candidate : ElementFilter.methodsIn(parentType.getEnclosedElements())) {
      if (candidate.getSimpleName().equals(method.getSimpleName())
          && sight.elements().overrides(method, candidate, type)) {
        return find(sight, candidate).map(Declaration::comment).orElse("");
      }
    }
    for (TypeMirror further : sight.types().directSupertypes(parent)) {
      String comment = inheritedFrom(sight, method, type, further);
      if (!comment.isBlank()) {
        return comment;
      }
    }
    return "";
  }

  private Optional<Declaration> own(Sight sight, Element element) {
    TreePath path = sight.trees().getPath(element);
    if (path != null) {
      return Optional.of(declared(sight, path));
    }
    Element member = element;
    Element type = element;
    while (type != null && !(type instanceof TypeElement)) {
      type = type.getEnclosingElement();
    }
    if (!(type instanceof TypeElement named)) {
      return Optional.empty();
    }
    return types(sight, named).flatMap(types -> types.find(named, member));
  }

  /** What a cell declares itself. */
  private static Declaration declared(Sight sight, TreePath path) {
    Tree tree = path.getLeaf();
    String comment = sight.trees().getDocComment(path);
    List<String> names =
        tree instanceof MethodTree method
            ? method.getParameters().stream().map(p -> p.getName().toString()).toList()
            : List.of();
    return new Declaration(comment == null ? "" : comment, names, text(sight.trees(), path));
  }

  private static String text(DocTrees trees, TreePath path) {
    CompilationUnitTree unit = path.getCompilationUnit();
    long start = trees.getSourcePositions().getStartPosition(unit, path.getLeaf());
    long end = trees.getSourcePositions().getEndPosition(unit, path.getLeaf());
    try {
      CharSequence all = unit.getSourceFile().getCharContent(true);
      return start < 0 || end < start || end > all.length()
          ? ""
          : dedented(all, (int) start, (int) end);
    } catch (IOException e) {
      return "";
    }
  }

  private static String dedented(CharSequence all, int start, int end) {
    int line = start;
    while (line > 0 && (all.charAt(line - 1) == ' ' || all.charAt(line - 1) == '\t')) {
      line--;
    }
    return all.subSequence(line, end).toString().stripIndent().strip();
  }

  private synchronized Optional<Types> types(Sight sight, TypeElement type) {
    TypeElement outer = type;
    while (outer.getNestingKind() != NestingKind.TOP_LEVEL) {
      Element enclosing = outer.getEnclosingElement();
      while (enclosing != null && !(enclosing instanceof TypeElement)) {
        enclosing = enclosing.getEnclosingElement();
      }
      if (!(enclosing instanceof TypeElement next)) {
        return Optional.empty();
      }
      outer = next;
    }
    String name = outer.getQualifiedName().toString();
    ModuleElement module = sight.elements().getModuleOf(outer);
    String moduleName = module == null ? "" : module.getQualifiedName().toString();
    Optional<Types> known = read.get(name);
    if (known == null) {
      known = read(moduleName, name);
      read.put(name, known);
    }
    return known;
  }

  private Optional<Types> read(String module, String name) {
    for (Root root : roots) {
      try {
        String text = root.read(module, name.replace('.', '/') + ".java");
        if (text != null) {
          return Optional.of(new Types(text, files));
        }
      } catch (IOException | RuntimeException e) {
        // A broken archive has no sources for us.
      }
    }
    return Optional.empty();
  }

  /** Where sources are. */
  private sealed interface Root {
    @Nullable String read(String module, String file) throws IOException;

    default void close() throws IOException {}
  }

  private record Folder(Path folder) implements Root {
    @Override
    public @Nullable String read(String module, String file) throws IOException {
      Path path = folder.resolve(file);
      return Files.isRegularFile(path) ? Files.readString(path) : null;
    }
  }

  /** A zip file; the JDK's has a folder for each module. */
  private static final class Archive implements Root {
    private final Path path;
    private final boolean modules;
    private @Nullable ZipFile zip;

    Archive(Path path, boolean modules) {
      this.path = path;
      this.modules = modules;
    }

    @Override
    public @Nullable String read(String module, String file) throws IOException {
      if (modules && module.isEmpty()) {
        return null;
      }
      ZipFile open = zip;
      if (open == null) {
        open = new ZipFile(path.toFile());
        zip = open;
      }
      ZipEntry entry = open.getEntry(modules ? module + "/" + file : file);
      if (entry == null) {
        return null;
      }
      try (InputStream in = open.getInputStream(entry)) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    @Override
    public void close() throws IOException {
      ZipFile open = zip;
      if (open != null) {
        open.close();
      }
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Archive archive && archive.path.equals(path);
    }

    @Override
    public int hashCode() {
      return path.hashCode();
    }
  }

  /** A method as a source declares it. */
  private record Method(List<String> parameterTypes, Declaration declaration) {}

  /** The declarations of one source file. */
  private static final class Types {
    private final Map<String, Declaration> types = new HashMap<>();
    private final Map<String, Declaration> fields = new HashMap<>();
    private final Map<String, List<Method>> methods = new HashMap<>();

    Types(String source, StandardJavaFileManager files) throws IOException {
      JavacTask task =
          Javac.task(
              source, files, new DiagnosticCollector<>(), List.of("-proc:none", "-Xlint:none"));
      CompilationUnitTree unit = task.parse().iterator().next();
      DocTrees trees = DocTrees.instance(task);
      TreePath root = new TreePath(unit);
      for (Tree tree : unit.getTypeDecls()) {
        if (tree instanceof ClassTree type) {
          add(trees, new TreePath(root, tree), type.getSimpleName().toString());
        }
      }
    }

    private void add(DocTrees trees, TreePath path, String name) {
      types.put(name, declaration(trees, path, List.of()));
      for (Tree member : ((ClassTree) path.getLeaf()).getMembers()) {
        TreePath memberPath = new TreePath(path, member);
        if (member instanceof ClassTree type) {
          add(trees, memberPath, name + "." + type.getSimpleName());
        } else if (member instanceof VariableTree field) {
          fields.put(name + "." + field.getName(), declaration(trees, memberPath, List.of()));
        } else if (member instanceof MethodTree method) {
          List<String> names =
              method.getParameters().stream().map(p -> p.getName().toString()).toList();
          List<String> parameterTypes =
              method.getParameters().stream().map(p -> simple(p.getType())).toList();
          methods
              .computeIfAbsent(name + "." + method.getName(), n -> new ArrayList<>())
              .add(new Method(parameterTypes, declaration(trees, memberPath, names)));
        }
      }
    }

    private static Declaration declaration(DocTrees trees, TreePath path, List<String> names) {
      String comment = trees.getDocComment(path);
      return new Declaration(comment == null ? "" : comment, names, text(trees, path));
    }

    Optional<Declaration> find(TypeElement type, Element member) {
      String typeName = inFile(type);
      if (member.equals(type)) {
        return Optional.ofNullable(types.get(typeName));
      }
      String name = typeName + "." + member.getSimpleName();
      if (!(member instanceof ExecutableElement method)) {
        return Optional.ofNullable(fields.get(name));
      }
      List<String> wanted = method.getParameters().stream().map(p -> simple(p.asType())).toList();
      for (Method candidate : methods.getOrDefault(name, List.of())) {
        if (candidate.parameterTypes().equals(wanted)) {
          return Optional.of(candidate.declaration());
        }
      }
      return Optional.empty();
    }

    private static String inFile(TypeElement type) {
      return type.getEnclosingElement() instanceof TypeElement outer
          ? inFile(outer) + "." + type.getSimpleName()
          : type.getSimpleName().toString();
    }

    private static String simple(@Nullable Tree type) {
      if (type instanceof ArrayTypeTree array) {
        return simple(array.getType()) + "[]";
      }
      if (type instanceof ParameterizedTypeTree generic) {
        return simple(generic.getType());
      }
      if (type instanceof AnnotatedTypeTree annotated) {
        return simple(annotated.getUnderlyingType());
      }
      if (type instanceof MemberSelectTree select) {
        return select.getIdentifier().toString();
      }
      return type instanceof IdentifierTree name ? name.getName().toString() : String.valueOf(type);
    }

    private static String simple(TypeMirror type) {
      return switch (type.getKind()) {
        case ARRAY -> simple(((ArrayType) type).getComponentType()) + "[]";
        case DECLARED, ERROR -> ((DeclaredType) type).asElement().getSimpleName().toString();
        case TYPEVAR -> ((TypeVariable) type).asElement().getSimpleName().toString();
        default -> Signature.of(type);
      };
    }
  }
}
