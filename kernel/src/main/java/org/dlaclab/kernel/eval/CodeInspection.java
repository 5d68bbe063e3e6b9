package org.dlaclab.kernel.eval;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Scope;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import jdk.jshell.VarSnippet;
import org.dlaclab.kernel.eval.CellCompiler.Sight;
import org.dlaclab.kernel.eval.Lexed.Kind;
import org.dlaclab.kernel.eval.Lexed.Token;
import org.jspecify.annotations.Nullable;

/** Tells what is known of the name at the cursor. */
final class CodeInspection {
  /** More overloads than this have only their first sentence shown. */
  private static final int IN_FULL = 4;

  private static final int SHORT_VALUE = 200;
  private static final int KEPT = 32;

  private final CellCompiler compiler;
  private final Sources sources;
  private final Function<VarSnippet, String> value;

  /** Answers for the same code, until a declaration changes. */
  private final Map<Question, Optional<Inspection>> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Optional<Inspection>> eldest) {
          return size() > KEPT;
        }
      };

  private record Question(String before, String name, int detail, int session, int sources) {}

  /**
   * @param value a variable's value, as a reader sees it
   */
  CodeInspection(CellCompiler compiler, Sources sources, Function<VarSnippet, String> value) {
    this.compiler = compiler;
    this.sources = sources;
    this.value = value;
  }

  /**
   * What is known of the name at the cursor (UTF-16 units), or of the call whose arguments it
   * stands in.
   *
   * @param detail 0 or, for the source too, 1
   */
  Optional<Inspection> inspect(String code, int cursor, int detail) {
    Token word = word(code, Math.max(0, Math.min(cursor, code.length())));
    if (word == null) {
      return Optional.empty();
    }
    String before = code.substring(0, word.start());
    String name = word.in(code);
    Optional<VarSnippet> variable = variable(name);
    Question question = new Question(before, name, detail, compiler.version(), sources.version());
    synchronized (answers) {
      Optional<Inspection> known = answers.get(question);
      if (known != null && variable.isEmpty()) {
        return known;
      }
    }
    // Outside of the look, since a value's toString may take its time.
    Optional<String> shown = variable.map(this::valueOf);
    String after = before.stripTrailing().endsWith("@") ? " class $Annotated$ {}" : "";
    boolean made = before.stripTrailing().matches("(?s).*\\bnew(\\s+[\\w.]+\\.)?");
    Optional<Inspection> answer =
        compiler.look(
            before, name, made ? "()" : after, sight -> describe(sight, name, detail, made, shown));
    synchronized (answers) {
      answers.put(question, answer);
    }
    return answer;
  }

  /** The name at, around or just before the cursor; else the one before an open parenthesis. */
  private static @Nullable Token word(String code, int cursor) {
    List<Token> tokens =
        Lexed.of(code).tokens().stream().filter(t -> t.kind() != Kind.COMMENT).toList();
    for (Token token : tokens) {
      if (token.kind() == Kind.WORD && token.start() <= cursor && cursor <= token.end()) {
        return SourceVersion.isKeyword(token.in(code)) ? null : token;
      }
    }
    List<Token> open = Lexed.of(code.substring(0, cursor)).open();
    for (int i = open.size() - 1; i >= 0; i--) {
      Token bracket = open.get(i);
      if (bracket.is(code, '{')) {
        return null;
      }
      if (bracket.is(code, '(')) {
        int at = tokens.indexOf(bracket) - 1;
        if (at >= 0 && tokens.get(at).is(code, '>')) {
          at = beforeTypeArguments(code, tokens, at);
        }
        if (at >= 0
            && tokens.get(at).kind() == Kind.WORD
            && !SourceVersion.isKeyword(tokens.get(at).in(code))) {
          return tokens.get(at);
        }
      }
    }
    return null;
  }

  private static int beforeTypeArguments(String code, List<Token> tokens, int close) {
    int depth = 0;
    int at = close;
    do {
      depth += tokens.get(at).is(code, '>') ? 1 : tokens.get(at).is(code, '<') ? -1 : 0;
      at--;
    } while (depth > 0 && at >= 0);
    return at;
  }

  private Optional<VarSnippet> variable(String name) {
    return compiler.declared().stream()
        .filter(s -> s instanceof VarSnippet variable && variable.name().equals(name))
        .map(s -> (VarSnippet) s)
        .findFirst();
  }

  private Optional<Inspection> describe(
      Sight sight, String name, int detail, boolean made, Optional<String> value) {
    List<Element> elements = elements(sight, name, made);
    if (elements.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    StringBuilder markdown = new StringBuilder();
    boolean full = elements.size() <= IN_FULL;
    for (Element element : elements) {
      Optional<Sources.Declaration> declaration = sources.find(sight, element);
      String signature = signature(sight, element, declaration);
      text.append(text.length() == 0 ? "" : "\n\n").append(signature);
      markdown.append(markdown.length() == 0 ? "" : "\n\n---\n\n");
      markdown.append("```java\n").append(signature).append("\n```");
      if (value.isPresent() && isVariable(element)) {
        String fence = value.get().contains("```") ? "~~~~" : "```";
        text.append("\n= ").append(value.get());
        markdown.append("\n\n").append(fence).append("text\n").append(value.get());
        markdown.append('\n').append(fence);
      }
      String comment = declaration.map(Sources.Declaration::comment).orElse("");
      if (!comment.isBlank()) {
        Javadoc javadoc = full ? Javadoc.of(comment) : Javadoc.of(comment).summary();
        text.append("\n\n").append(javadoc.text());
        markdown.append("\n\n").append(javadoc.markdown());
      }
      String source = declaration.map(Sources.Declaration::text).orElse("");
      if (detail > 0 && !source.isBlank()) {
        text.append("\n\n").append(source);
        markdown.append("\n\n```java\n").append(source).append("\n```");
      }
    }
    return Optional.of(new Inspection(text.toString(), markdown.toString()));
  }

  private String valueOf(VarSnippet variable) {
    String shown;
    try {
      shown = value.apply(variable);
    } catch (RuntimeException e) {
      shown = "(not to be had: " + e.getMessage() + ")";
    }
    return shown.length() > SHORT_VALUE ? shown.substring(0, SHORT_VALUE) + "\u2026" : shown;
  }

  /** Whether it is a variable of the session, and not one that hides it. */
  private static boolean isVariable(Element element) {
    return element.getKind() == ElementKind.FIELD
        && Signature.owner(element).equals(CellCompiler.CELLS);
  }

  private static String signature(
      Sight sight, Element element, Optional<Sources.Declaration> declaration) {
    List<String> names = declaration.map(Sources.Declaration::names).orElse(List.of());
    if (names.isEmpty() && element instanceof ExecutableElement method) {
      names = Signature.names(method);
    }
    String signature = Signature.declaration(element, names);
    Element enclosing = element.getEnclosingElement();
    boolean member =
        element.getKind() == ElementKind.METHOD
            || element.getKind() == ElementKind.FIELD
            || element.getKind() == ElementKind.ENUM_CONSTANT;
    if (!member
        || !(enclosing instanceof TypeElement type)
        || sight.trees().getPath(enclosing) != null) {
      return signature;
    }
    return "// " + Signature.qualified(type) + "\n" + signature;
  }

  /** What the name may mean: all overloads of a method, all classes that are not imported. */
  private List<Element> elements(Sight sight, String name, boolean made) {
    TreePath path = sight.path();
    Tree leaf = path.getLeaf();
    boolean used =
        leaf instanceof IdentifierTree
            || leaf instanceof MemberSelectTree
            || leaf instanceof MemberReferenceTree;
    Element element = sight.trees().getElement(path);
    if (!used) {
      return element == null ? List.of() : List.of(element);
    }
    if (made && element instanceof TypeElement type && isNew(path)) {
      List<Element> all = new ArrayList<>();
      all.addAll(ElementFilter.constructorsIn(type.getEnclosedElements()));
      return all.isEmpty() ? List.of(type) : all;
    }
    if (known(element)) {
      return List.of(element);
    }
    Set<Element> found = new LinkedHashSet<>();
    CodeCompletion.overloads(sight, path).forEach(o -> found.add(o.method()));
    if (found.isEmpty()) {
      field(sight, path, name).ifPresent(found::add);
    }
    if (found.isEmpty() && leaf instanceof IdentifierTree) {
      compiler.names().named(name).stream()
          .map(n -> (Element) sight.elements().getTypeElement(n))
          .filter(t -> t != null)
          .limit(IN_FULL)
          .forEach(found::add);
    }
    if (found.isEmpty() && compiler.names().isPackage(leaf.toString())) {
      PackageElement named = sight.elements().getPackageElement(leaf.toString());
      if (named != null) {
        found.add(named);
      }
    }
    return List.copyOf(found);
  }

  private static boolean isNew(TreePath path) {
    TreePath parent = path.getParentPath();
    if (parent != null && parent.getLeaf() instanceof ParameterizedTypeTree) {
      parent = parent.getParentPath();
    }
    return parent != null && parent.getLeaf() instanceof NewClassTree;
  }

  private static boolean known(@Nullable Element element) {
    if (element == null || element.asType().getKind() == TypeKind.ERROR) {
      return false;
    }
    return switch (element.getKind()) {
      case METHOD, CONSTRUCTOR -> false;
      case PACKAGE -> !element.getEnclosedElements().isEmpty();
      case CLASS -> !element.asType().toString().isEmpty();
      default -> true;
    };
  }

  private static Optional<Element> field(Sight sight, TreePath path, String name) {
    if (!(path.getLeaf() instanceof MemberSelectTree select)) {
      return Optional.empty();
    }
    ExpressionTree expression = select.getExpression();
    TypeMirror type = sight.trees().getTypeMirror(new TreePath(path, expression));
    Scope scope = sight.trees().getScope(path);
    return type instanceof DeclaredType site && site.getKind() == TypeKind.DECLARED
        ? sight.elements().getAllMembers((TypeElement) site.asElement()).stream()
            .filter(m -> m.getSimpleName().contentEquals(name))
            .filter(m -> sight.trees().isAccessible(scope, m, site))
            .map(m -> (Element) m)
            .findFirst()
        : Optional.empty();
  }
}
