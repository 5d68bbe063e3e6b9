package org.dlaclab.kernel.eval;

import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Makes the classes of cells stoppable: where a method begins and before each jump back they ask
 * {@link Guard} whether they must end. Calls that would end the JVM are turned into an error.
 */
final class Weaver extends ClassVisitor {
  private static final String GUARD = Type.getInternalName(Guard.class);

  private Weaver(ClassVisitor next) {
    super(Opcodes.ASM9, next);
  }

  /** The woven class; the class as it is where ASM can not read it, such as on a newer JDK. */
  static byte[] weave(byte[] bytes) {
    try {
      ClassReader reader = new ClassReader(bytes);
      ClassWriter writer = new ClassWriter(reader, 0);
      reader.accept(new Weaver(writer), 0);
      return writer.toByteArray();
    } catch (RuntimeException e) {
      return bytes; // An unknown version, or a method that grew over 64 KiB.
    }
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    return new Checks(super.visitMethod(access, name, descriptor, signature, exceptions));
  }

  private static final class Checks extends MethodVisitor {
    private final Set<Label> passed = new HashSet<>();
    private final Label entry = new Label();
    private boolean hasLine;

    Checks(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    private void check() {
      super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, "check", "()V", false);
    }

    private void checkIfBack(Label... targets) {
      for (Label target : targets) {
        if (passed.contains(target)) {
          check();
          return;
        }
      }
    }

    @Override
    public void visitCode() {
      super.visitCode();
      super.visitLabel(entry);
      check();
    }

    /** The check belongs to the method's first line, so that an exception thrown in it has one. */
    @Override
    public void visitLineNumber(int line, Label start) {
      if (!hasLine) {
        hasLine = true;
        super.visitLineNumber(line, entry);
      }
      super.visitLineNumber(line, start);
    }

    @Override
    public void visitLabel(Label label) {
      passed.add(label);
      super.visitLabel(label);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      checkIfBack(label);
      super.visitJumpInsn(opcode, label);
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
      checkIfBack(labels);
      super.visitTableSwitchInsn(min, max, otherwise, labels);
    }

    @Override
    public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
      checkIfBack(labels);
      super.visitLookupSwitchInsn(otherwise, keys, labels);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (endsJvm(owner, name, descriptor)) {
        boolean isStatic = opcode == Opcodes.INVOKESTATIC;
        super.visitMethodInsn(
            Opcodes.INVOKESTATIC,
            GUARD,
            "exit",
            isStatic ? "(I)V" : "(Ljava/lang/Runtime;I)V",
            false);
      } else {
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
      }
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      Object[] guarded = arguments.clone();
      for (int i = 0; i < guarded.length; i++) {
        if (guarded[i] instanceof Handle handle
            && endsJvm(handle.getOwner(), handle.getName(), handle.getDesc())) {
          guarded[i] =
              new Handle(
                  Opcodes.H_INVOKESTATIC,
                  GUARD,
                  "exit",
                  handle.getTag() == Opcodes.H_INVOKESTATIC ? "(I)V" : "(Ljava/lang/Runtime;I)V",
                  false);
        }
      }
      super.visitInvokeDynamicInsn(name, descriptor, bootstrap, guarded);
    }

    private static boolean endsJvm(String owner, String name, String descriptor) {
      if (!descriptor.equals("(I)V")) {
        return false;
      }
      return switch (owner) {
        case "java/lang/System" -> name.equals("exit");
        case "java/lang/Runtime" -> name.equals("exit") || name.equals("halt");
        default -> false;
      };
    }
  }
}
